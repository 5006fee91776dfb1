"""Markdown from content files as HTML, plain text and Typst. Reads strings, gives strings; touches no file."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from nurture.render.plaintext import flat_text, plain_text
from nurture.render.typst_markup import typst_markup

_SAFE_LINK = re.compile(r"(https?://|mailto:|tel:).", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Section:
    """A `##` heading as plain text and the Markdown below it; the introduction's heading is empty."""

    heading: str
    anchor: str
    body: str


class _Parser(MarkdownIt):
    """CommonMark that makes a link only of an address a reader may safely press."""

    def validateLink(self, url: str) -> bool:  # noqa: N802  (the library's name)
        """True for web, mail and telephone addresses alone."""
        return _SAFE_LINK.match(url) is not None


# An article says the same to all of its readers.
@lru_cache(maxsize=128)
def to_html(source: str) -> str:
    """The source as safe HTML: raw HTML is shown as text, other link schemes stay plain text."""
    return str(_parser(typographic=True).render(source))


@lru_cache(maxsize=128)
def to_text(source: str) -> str:
    """The source as a plain text mail body, wrapped at 72 columns, without a newline at the end."""
    return plain_text(SyntaxTreeNode(_parser(typographic=False).parse(source)))


def to_typst(source: str) -> str:
    """The source as Typst markup in which no word of the source can act as code; `##` is level 1.

    A heading lies at most one level below the one before: Typst refuses a `####` right below a `##`.
    """
    return typst_markup(SyntaxTreeNode(_without_gaps(_parser(typographic=True).parse(source))))


def sections(source: str) -> tuple[Section, ...]:
    """The source cut at its `##` headings; the first section is the introduction, possibly empty."""
    lines = re.sub(r"\r\n?", "\n", source).split("\n")
    cuts = [("", 0, 0), *_headings(_parser(typographic=False).parse(source)), ("", len(lines), len(lines))]
    # Anchors count instead of spelling the heading: an address must not name a condition (DESIGN, decision 10).
    return tuple(
        Section(heading, f"part-{number}", "\n".join(lines[start:end]).strip("\n"))
        for number, ((heading, _, start), (_, end, _)) in enumerate(pairwise(cuts))
    )


def opening_bold(source: str) -> tuple[str, str]:
    """The first paragraph and the rest when that paragraph is bold throughout; else nothing and the source."""
    tokens = _parser(typographic=False).parse(source)
    if len(tokens) < 2 or tokens[0].type != "paragraph_open" or not _is_bold(tokens[1].children or []):
        return "", source
    lines = re.sub(r"\r\n?", "\n", source).split("\n")
    start, end = tokens[0].map or [0, 0]
    return "\n".join(lines[start:end]), "\n".join(lines[end:]).strip("\n")


def _without_gaps(tokens: Sequence[Token]) -> Sequence[Token]:
    above = 2
    for token in tokens:
        if token.type == "heading_open":
            above = min(int(token.tag[1]), above + 1)
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{above}"
    return tokens


def _is_bold(marks: Sequence[Token]) -> bool:
    """True when one pair of strong marks, and no other at its level, embraces everything."""
    visible = [mark for mark in marks if mark.type != "text" or mark.content]
    outer = [mark.type for mark in visible if mark.level == 0]
    return outer == ["strong_open", "strong_close"]


def _headings(tokens: Sequence[Token]) -> list[tuple[str, int, int]]:
    """Each top `##` heading's text, its own first line and the line its section starts at."""
    return [
        (flat_text(SyntaxTreeNode([inline])), opening.map[0], opening.map[1])
        for opening, inline in pairwise(tokens)
        if opening.type == "heading_open" and opening.tag == "h2" and not opening.level and opening.map
    ]


@cache
def _parser(*, typographic: bool) -> _Parser:
    parser = _Parser("commonmark", {"html": False, "typographer": typographic})
    parser.disable("image")
    if typographic:
        parser.enable("smartquotes")
    return parser
