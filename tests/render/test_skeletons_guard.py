"""Skeletons hold: placeholders nobody can forge, a bound on memory, and controls that show the tests can fail."""

import re

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from jinja2 import DictLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from nurture.render.html.inliner import inline_css
from nurture.render.html.skeletons import MOST_SKELETONS, Skeletons
from tests.render.trees import tree

RULES = ".urgent, #urgent, [title=urgent], a[href^=https], a[href$='.pdf'], img[alt=''] { color: red }"
HEAD = f"<!DOCTYPE html><html><head><style>{RULES}</style></head><body>"
MACROS = """
{% macro echo(x) %}<b>{{ x }}</b>{% endmacro %}
{% macro frame() %}{% if caller is defined %}<i>{{ caller() }}</i>{% endif %}{% endmacro %}
{% set greeting %}{{ name }}{% endset %}
"""
ASKS = "{% macro asks() %}{% if caller() %}<b>{{ caller() }}</b>{% endif %}{% endmacro %}"
VALUES = ["", "Ann", "a@b", "x-y", "<b>", "urgent", "https://x.example/a.pdf", "red; margin: 4px", "é f"]


def environment(pages):
    return ImmutableSandboxedEnvironment(loader=DictLoader(pages), autoescape=True, undefined=StrictUndefined)


def drawn(body, names, inline=inline_css):
    """For each name the page drawn the fast way and the plain way, and whether such pages share their inlining."""
    page = body if "<html" in body else f"{HEAD}{body}</body></html>"
    fast, plain = (environment({"page": page, "macros": MACROS, "asks": ASKS}) for _ in range(2))
    skeletons = Skeletons(fast, inline)
    for name in names:

        def draw(name=name):
            return fast.get_template("page").render(name=name)

        quick = skeletons.render("page", draw)
        slow = inline_css(plain.get_template("page").render(name=name))
        yield tree(quick), tree(slow), skeletons.skeleton("page", draw)[1]


INSPECTING = [
    "{% set n %}{{ name }}{% endset %}<p>Hello{% if n %} {{ n }}{% endif %},</p>",
    "{% set n %}{{ name }}{% endset %}<p>{{ n | default('friend', true) }}</p>",
    "{% set n %}{{ name }}{% endset %}<p>{{ 'Hi' if n == 'Ann' else 'Ho' }}</p>",
    "{% set n %}{{ name }}{% endset %}<p>{% if '@' in n %}x{% endif %}</p>",
    "{% set n %}{{ name }}{% endset %}<p>{{ n | length }} {{ name }}</p>",
    "{% set n %}{{ name }}{% endset %}<p>{{ n.replace('-', 'x') }}</p>",
    "{% set n %}{{ name }}{% endset %}{% set m = n %}<p>{% if m %}x{% endif %}</p>",
    "{% set n %}{{ name }}{% endset %}<p>{% for c in n %}{{ c }}.{% endfor %}</p>",
    "{% set n | replace('-', 'x') %}{{ name }}{% endset %}<p>{{ n }}</p>",
    "{% set ns = namespace() %}{% set ns.n %}{{ name }}{% endset %}<p>{% if ns.n %}x{% endif %}</p>",
    "<p>{% filter replace('-', 'x') %}{{ name }}{% endfilter %}</p>",
    "<p>{% filter upper %}Hello {{ name }}{% endfilter %}</p>",
    "{% from 'asks' import asks %}<p>{% call asks() %}{{ name }}{% endcall %}</p>",
    "{% from 'macros' import echo with context %}<p>{{ echo(name) | striptags }}</p>",
    "{% from 'macros' import echo as e with context %}<p>{{ e(e(name)) ~ '!' }}</p>",
    "{% from 'macros' import greeting as g with context %}<p>{{ g.upper() }}</p>",
    "{% import 'macros' as m with context %}<p>{{ m.echo(name) | length }}</p>",
    "{% import 'macros' as m with context %}<p>{% if m.greeting %}x{% endif %}</p>",
    "<p>{% block b %}{{ name }}{% endblock %}{% if self.b() %}!{% endif %}</p>",
    "<p>{% for x in [[]] recursive %}{{ name if x is string else loop([name]) | length }}{% endfor %}</p>",
    "<p>{% autoescape false %}{{ name }}{% endautoescape %}</p>",
    "{% set page = 'macros' %}<p>{% include page %}</p>",
]
DECIDING = [
    '<p class="big {{ name }}">x</p>',
    "<p id='{{ name }}'>x</p>",
    "<p class={{ name }}>x</p>",
    '<p title="{{ name }}">x</p>',
    "<p lang={{ name }}>x</p>",
    "<p {{ name }}>x</p>",
    '<a href="{{ name }}">x</a>',
    '<img src="x" alt="{{ name }}">',
    '<p style="margin: 1px; color: {{ name }}">x</p>',
    "<style>p { color: {{ name }} }</style><p>x</p>",
    "<table>{{ name }}<tr><td>x</td></tr></table>",
    "<!DOCTYPE html><html><head>{{ name }}<style>p { color: red }</style></head><body><p>x</p></body></html>",
]
HARMLESS = [
    "<p>{{ name }}, {{ name | upper }} {{ (name ~ name) | length }}</p>{% if name == 'Ann' %}<p>Hi</p>{% endif %}",
    '<p dir="{{ name }}" aria-label="to {{ name }}">{{ name }}<!-- {{ name }} --></p>',
    "{% set n %}{{ name }}{% endset %}<p>{{ n }}</p>",
    "{% set n %}friend{% endset %}<p>{{ n | upper }} {{ name }}</p>",
    "{% from 'macros' import echo with context %}<p>x{{ echo(name) }} {{ name }}</p>",
    "{% from 'macros' import frame with context %}<p>x{% call frame() %}x{{ name }}{% endcall %}</p>",
    "{% import 'macros' as m with context %}<p>x {{ m.frame() }}{{ m.greeting }}</p>{{ m }}",
    "<p>{% block b %}x{{ name }}{% endblock %} {{ self.b() }}</p>",
    "<!DOCTYPE html><html><body><p><a href='mailto:{{ name }}'>x</a></p></body></html>",
]


@pytest.mark.parametrize("body", INSPECTING + DECIDING)
def test_a_template_that_inspects_a_value_or_lets_it_decide_is_inlined_whole(body):
    for quick, slow, is_shared in drawn(body, ["urgent", *VALUES]):
        assert quick == slow
        assert not is_shared


@pytest.mark.parametrize("body", HARMLESS)
@pytest.mark.parametrize("first", ["", "Ann"])
def test_a_template_that_prints_its_values_shares_its_skeleton(body, first):
    for quick, slow, is_shared in drawn(body, [first, *VALUES]):
        assert quick == slow
        assert is_shared


# libxml2 itself drops controls and lone surrogates; nothing of that kind is let into a name.
texts = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=12) | st.text("ab.:;-@<>&'\"# /", max_size=6)


@given(st.sampled_from(INSPECTING + DECIDING + HARMLESS), st.lists(texts, min_size=1, max_size=3))
@hypothesis_settings(deadline=None, max_examples=60)
def test_no_value_makes_another_document_than_to_render_and_then_inline(body, names):
    for quick, slow, _ in drawn(body, names):
        assert quick == slow


def _swapped(html):
    """Inlines, and mixes up the first two placeholders where there are any."""
    found = re.findall(r"v[0-9a-f]{12}n[01]e", html)
    first, second = found or ("none", "neither")
    return inline_css(html).replace(first, "?").replace(second, first).replace("?", second)


def test_control_a_broken_fill_shows_as_a_difference():
    [(quick, slow, _)] = drawn("<p>{{ name }}</p><p>{{ name ~ 1 }}</p>", ["Ann"], _swapped)
    assert quick != slow


@given(
    st.text("v0123456789abcdefne", max_size=24),
    st.sampled_from(["{prefix}0e", "{prefix}1e", "{prefix}", "0e{prefix}", "x{prefix}00e"]),
)
@hypothesis_settings(deadline=None)
def test_no_reader_forges_a_placeholder(text, form):
    """Not even with the very prefix in hand: values never reach the skeleton."""
    pages = {"page": "<!DOCTYPE html><html><body><p title='{{ a }}'>{{ a }}</p><p>{{ b }}</p></body></html>"}
    templates = environment(pages)
    skeletons = Skeletons(templates, str)
    name = form.format(prefix=skeletons._prefix) + text
    html = skeletons.render("page", lambda: templates.get_template("page").render(a=name, b="second"))
    assert tree(html) == tree(pages["page"].replace("{{ a }}", name).replace("{{ b }}", "second"))


def test_placeholders_differ_from_installation_to_installation():
    assert len({Skeletons(environment({}), str)._prefix for _ in range(100)}) == 100


def test_no_more_skeletons_are_kept_than_the_bound_and_the_newest_stay():
    calls = []
    skeletons = Skeletons(environment({}), lambda html: calls.append(html) or html)
    for n in range(3 * MOST_SKELETONS):
        skeletons.render("page", lambda n=n: f"<p>{n}</p>")
        skeletons.render("page", lambda: "<p>often</p>")
    assert len(skeletons._compiled) == MOST_SKELETONS
    assert calls.count("<p>often</p>") == 1
