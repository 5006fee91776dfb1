"""A finished HTML mail taken apart: words, links, pictures and styles. Judges nothing."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import lxml.html
from lxml.etree import Comment

from nurture.lint.css import at_rules, declarations, rules, without_comments
from nurture.lint.visibility import SILENT, Text, Visibility

# Elements inside a sentence; all others begin and end one.
_INLINE = {"a", "abbr", "b", "em", "font", "i", "img", "mark", "s", "small", "span", "strong", "sub", "sup", "u"}
# No mail holds it: XML has no such character.
_BREAK = "\x1e"
# What Outlook on Windows reads and everybody else takes for a comment.
_FOR_OUTLOOK = re.compile(r"\s*\[if[^\]]*\]>(.*)<!\[endif\]\s*", re.DOTALL | re.IGNORECASE)
_URL = re.compile(r"url\(\s*['\"]?([^'\")]*)")
# Attributes whose address a mail program opens by itself, save the `src` of a picture.
_FETCHING = ("background", "poster", "data", "src")


@dataclass(frozen=True, slots=True)
class Link:
    """Where a link leads, its words, and whether they can be seen."""

    href: str
    words: str
    is_visible: bool


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading's rank, 1 to 6, and its words."""

    rank: int
    words: str


@dataclass(frozen=True, slots=True)
class Page:
    """What a mail program finds in a mail: `words` are visible, `hidden` is the preheader, `fetched` comes unasked.

    `blocks` are the visible words by paragraph, cell, item or line.
    `bare_tables` counts those that neither hold data nor say that they only lay out the mail.
    Links, images and what is fetched are those that Outlook finds in its conditional comments as well.
    """

    words: str
    blocks: tuple[str, ...]
    hidden: str
    headings: tuple[Heading, ...]
    bare_tables: int
    texts: tuple[Text, ...]
    links: tuple[Link, ...]
    images: tuple[dict[str, str], ...]
    fetched: tuple[str, ...]
    elements: frozenset[str]
    attributes: frozenset[str]
    styles: frozenset[tuple[str, str]]
    at_rules: frozenset[tuple[str, str]]


def read_page(html: str) -> Page:
    """The mail's HTML as a Page."""
    root = lxml.html.document_fromstring(html)
    # Comments, Outlook's conditional ones included, have no tag name.
    elements = [each for each in root.iter() if isinstance(each.tag, str)]
    outlook = list(_for_outlook(root))
    sheets = [without_comments(each.text or "") for each in elements if each.tag == "style"]
    visibility = Visibility(root, sheets)
    inline = {each.attrib["style"] for each in elements if "style" in each.attrib}
    bodies = [body for sheet in sheets for _, body in rules(sheet)]
    visible = " ".join(_words(root, visibility, hidden=False))
    return Page(
        words=squeezed(visible.replace(_BREAK, " ")),
        blocks=tuple(filter(None, map(squeezed, visible.split(_BREAK)))),
        hidden=squeezed(" ".join(_words(root, visibility, hidden=True)).replace(_BREAK, " ")),
        headings=tuple(_heading(each) for each in elements if re.fullmatch("h[1-6]", each.tag)),
        bare_tables=sum(each.tag == "table" and _is_bare(each) for each in elements),
        texts=tuple(dict.fromkeys(visibility.texts())),
        links=(
            *(_link(each, visibility) for each in elements if each.tag == "a" and "href" in each.attrib),
            *(Link(each.attrib["href"].strip(), "", is_visible=False) for each in outlook if "href" in each.attrib),
        ),
        images=tuple(dict(each.attrib) for each in (*elements, *outlook) if each.tag == "img"),
        fetched=tuple(dict.fromkeys(url for each in (*elements, *outlook) for url in _fetched(each))),
        elements=frozenset(each.tag for each in elements),
        attributes=frozenset(name for each in elements for name in each.attrib),
        styles=frozenset(pair for text in (*inline, *bodies) for pair in declarations(text)),
        at_rules=frozenset(each for sheet in sheets for each in at_rules(sheet)),
    )


def squeezed(text: str) -> str:
    """The text with every run of blanks, and of the fillers that follow a preheader, as one space."""
    return re.sub(r"[\s\u034f\u2007\u200c\u00a0]+", " ", text).strip()


def _heading(element: Any) -> Heading:
    return Heading(int(element.tag[1]), squeezed(_content(element)))


def _is_bare(table: Any) -> bool:
    return "role" not in table.attrib and table.find(".//th") is None and table.find("caption") is None


def _link(element: Any, visibility: Visibility) -> Link:
    pictures = (image.attrib.get("alt", "") for image in element.iter("img"))
    words = squeezed(" ".join([_content(element), *pictures]))
    return Link(element.attrib["href"].strip(), words, bool(words) and visibility.is_visible_to_all(element))


def _for_outlook(root: Any) -> Iterator[Any]:
    """The elements inside conditional comments."""
    for comment in root.iter(Comment):
        found = _FOR_OUTLOOK.fullmatch(comment.text or "")
        inside = lxml.html.document_fromstring(f"<body>{found[1]}").iter() if found else ()
        yield from (each for each in inside if isinstance(each.tag, str))


def _fetched(element: Any) -> Iterator[str]:
    """The addresses that a mail program opens for the element without being asked, save that of an `<img>`."""
    for name in _FETCHING:
        if name in element.attrib and (element.tag, name) != ("img", "src"):
            yield element.attrib[name].strip()
    yield from (part.split()[0] for part in element.attrib.get("srcset", "").split(",") if part.strip())
    yield from _URL.findall(element.attrib.get("style", ""))
    if element.tag == "style":
        yield from _URL.findall(element.text or "")


def _content(element: Any) -> str:
    return " ".join(element.itertext())


def _words(element: Any, visibility: Visibility, *, hidden: bool) -> Iterator[str]:
    """The words that are visible; or, when `hidden`, those that are not. What some program hides is neither."""
    if isinstance(element.tag, str) and element.tag not in SILENT:
        is_invisible = visibility.styles[element].is_invisible
        inside = is_invisible is hidden and (hidden or element not in visibility.hidden_by_some)
        edge = "" if element.tag in _INLINE else _BREAK
        yield edge
        if inside:
            yield element.text or ""
        for child in element:
            yield from _words(child, visibility, hidden=hidden)
            if inside:
                yield child.tail or ""
        yield edge
