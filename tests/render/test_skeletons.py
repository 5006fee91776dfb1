"""The fast path makes the same document as rendering first and inlining then."""

import lxml.html
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jinja2 import DictLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from nurture.render.html.inliner import inline_css
from nurture.render.html.skeletons import Skeletons

PAGE = """<!DOCTYPE html>
<html><head><title>{{ name }}</title><style>p { color: #112233 } .b { margin: 4px } @media (max-width: 9px)
{ p { color: red !important } }</style></head><body>
<p title="{{ name }}">Hello {{ name }}{% if more %}, <b class="b">{{ more }}</b>{% endif %}</p>
{% for item in items %}<p class="b"><a href="https://x.example/{{ item }}">{{ item }}</a></p>{% endfor %}
</body></html>"""


@pytest.fixture(scope="module")
def pages():
    def environment():
        loader = DictLoader(
            {"page": PAGE, "style": "<!DOCTYPE html><html><body><p style='color:{{ c }}'>x</p></body></html>"}
        )
        return ImmutableSandboxedEnvironment(loader=loader, autoescape=True, undefined=StrictUndefined)

    calls, fast, plain = [], environment(), environment()
    skeletons = Skeletons(fast, lambda text: calls.append(1) or inline_css(text))

    def both(page, **context):
        quick = skeletons.render(page, lambda: fast.get_template(page).render(context))
        return quick, inline_css(plain.get_template(page).render(context))

    both.calls = calls
    return both


def tree(document):
    def node(element):
        return element.tag, sorted(element.attrib.items()), element.text, element.tail, [node(each) for each in element]

    return node(lxml.html.fromstring(document))


# libxml2 itself drops controls and lone surrogates; nothing of that kind is let into a name.
texts = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=30)
words = st.from_regex(r"[a-z0-9]{1,8}", fullmatch=True)


@given(name=texts, more=st.none() | texts, items=st.lists(words, max_size=3))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_tree_is_the_same_whatever_the_values(pages, name, more, items):
    quick, slow = pages("page", name=name, more=more, items=items)
    assert tree(quick) == tree(slow)


def test_a_skeleton_is_inlined_once(pages):
    pages("page", name="a", more=None, items=["1"])
    before = len(pages.calls)
    for n in range(20):
        pages("page", name=f"Ann {n}", more=None, items=[str(n)])
    assert len(pages.calls) == before


def test_a_value_that_decides_how_the_document_is_built_is_inlined_whole(pages):
    quick, slow = pages("style", c="#abcdef")
    assert tree(quick) == tree(slow)


@pytest.mark.parametrize("name", ["v0123456789abn0e", "{{ 7*7 }}", "<script>x</script>", '"><img src=x>', "&amp;", "'"])
def test_a_value_is_text_and_nothing_else(pages, name):
    quick, _ = pages("page", name=name, more=name, items=[])
    assert lxml.html.fromstring(quick).findtext(".//title") == name
    assert len(lxml.html.fromstring(quick).findall(".//*")) == len(
        lxml.html.fromstring(pages("page", name="Ann", more="x", items=[])[0]).findall(".//*")
    )
