import json
import re
from html.parser import HTMLParser

import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.render.markdown import opening_bold, sections, to_html, to_text, to_typst

TAGS = set(re.findall(r"\w+", "p strong em a ul ol li blockquote h1 h2 h3 h4 h5 h6 hr br pre code"))
MARKED = st.text(st.sampled_from("#$@*_\\<>\"'/`[](){}~=-+|;:.,!&?ab1 \n\t"), max_size=60)
ANY_TEXT = MARKED | st.text(max_size=60)


class Reader(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.tags, self.links, self.words = set(), [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name == "href"]
        self.tags |= {name for name, _ in attrs if name not in {"href", "start", "class"}}

    def handle_data(self, data):
        self.words.append(data)


def squeezed(words):
    return re.sub(r"\s+", "", "".join(words))


def shown_by_typst(markup):
    """The words Typst would print, read from its own document tree."""
    tree = json.loads(typst.query(f"#block[{markup}] <all>".encode(), "<all>", ignore_system_fonts=True))
    return squeezed(_words(tree))


def _words(tree):
    if isinstance(tree, list):
        return "".join(map(_words, tree))
    return tree.get("text", "") + _words([tree[key] for key in ("body", "children") if key in tree])


@given(ANY_TEXT)
def test_html_holds_only_the_tags_markdown_makes(source):
    reader = Reader(to_html(source))
    assert reader.tags <= TAGS
    assert all(re.match("(https?://|mailto:|tel:)", link, re.IGNORECASE) for link in reader.links)


@settings(max_examples=25, deadline=None)
@given(ANY_TEXT)
def test_any_text_compiles_and_is_printed_as_text(source):
    assert shown_by_typst(to_typst(source)) == squeezed(Reader(to_html(source)).words)


CODE = ["#panic()", "$x$", "a@b", "a*b", "a_b_c", "<label>", "a // b", "a /* b", "~", "];", "x\\y", '#("")', "\\u{41}"]


@pytest.mark.parametrize("words", CODE)
def test_typst_code_in_content_is_printed_not_run(words):
    assert shown_by_typst(to_typst(words)) == squeezed(words).replace(
        '""', "\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}"
    )


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "JAVA&#115;CRIPT:x", "data:text/html,x", "file:///x", "/x", "//x"]
)
def test_a_link_that_is_not_web_mail_or_phone_stays_text(url):
    assert "href" not in to_html(f"[press]({url})")
    assert "#link" not in to_typst(f"[press]({url})")


def test_html_shows_raw_html_and_images_as_text():
    html = to_html("<script>x</script>\n\n## It's\n\n![pixel](https://x.example/p.png)")
    assert "&lt;script&gt;" in html
    assert "<img" not in html
    assert "<h2>It\N{RIGHT SINGLE QUOTATION MARK}s</h2>" in html


TEXT = """## A heading

Some **bold** and *soft* words with a [page](https://x.example/a),
<https://x.example/b> and [817-220-6677](tel:817-220-6677).

- one
- two is long enough to be wrapped, because it goes on and on past the edge
  1. deep

3. three
4. four

> Quoted."""

TEXT_SHOWN = """A heading
---------

Some bold and soft words with a page: https://x.example/a,
https://x.example/b and 817-220-6677.

- one
- two is long enough to be wrapped, because it goes on and on past the
  edge
  1. deep

3. three
4. four

> Quoted."""


def test_text_reads_like_a_letter():
    assert to_text(TEXT) == TEXT_SHOWN


def test_sections_are_cut_at_second_level_headings():
    intro, first, second = sections("Hello.\n\n## 1. *Why* me?\r\n\n**So.**\n\n```\n## no\n```\n### Sub\n\n## End\n")
    assert (intro.heading, intro.anchor, intro.body) == ("", "part-0", "Hello.")
    assert (first.heading, first.anchor) == ("1. Why me?", "part-1")
    assert first.body == "**So.**\n\n```\n## no\n```\n### Sub"
    assert (second.heading, second.body) == ("End", "")


@pytest.mark.parametrize(
    ("source", "answer", "rest"),
    [
        ("**Yes.**\n\nMore.", "**Yes.**", "More."),
        ("**Yes, *often*,\nindeed.**", "**Yes, *often*,\nindeed.**", ""),
        ("**Yes** and no.", "", "**Yes** and no."),
        ("Plain.", "", "Plain."),
        ("", "", ""),
    ],
)
def test_a_bold_opening_is_told_from_the_rest(source, answer, rest):
    assert opening_bold(source) == (answer, rest)
