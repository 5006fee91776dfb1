"""A finished HTML mail taken apart: words, links, pictures and styles. Judges nothing."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import lxml.html

_UNSEEN = re.compile(r"display:\s*none|visibility:\s*hidden|font-size:\s*[01](px)?\s*(;|$)|opacity:\s*0\s*(;|$)")
_SILENT = {"head", "style", "script", "title"}
_RULES = re.compile(r"\{([^{}]*)\}")
_COMMENTS = re.compile(r"/\*.*?\*/", re.DOTALL)
_DECLARATION = re.compile(r"([a-zA-Z-]+)\s*:\s*((?:[^;\"'(]|\"[^\"]*\"|'[^']*'|\([^)]*\))*)")
_AT_RULE = re.compile(r"@([a-zA-Z-]+)([^{;]*)")


@dataclass(frozen=True, slots=True)
class Link:
    """Where a link leads, its words, and whether they can be seen."""

    href: str
    words: str
    is_visible: bool


@dataclass(frozen=True, slots=True)
class Page:
    """What a mail program finds in a mail: `words` are visible, `hidden` is the preheader."""

    words: str
    hidden: str
    headings: tuple[str, ...]
    links: tuple[Link, ...]
    images: tuple[dict[str, str], ...]
    elements: frozenset[str]
    attributes: frozenset[str]
    styles: frozenset[tuple[str, str]]
    at_rules: frozenset[tuple[str, str]]


def read_page(html: str) -> Page:
    """The mail's HTML as a Page."""
    root = lxml.html.document_fromstring(html)
    # Comments, Outlook's conditional ones included, have no tag name.
    elements = [each for each in root.iter() if isinstance(each.tag, str)]
    sheets = [_COMMENTS.sub("", each.text or "") for each in elements if each.tag == "style"]
    inline = {each.attrib["style"] for each in elements if "style" in each.attrib}
    bodies = [body for sheet in sheets for body in _RULES.findall(sheet)]
    return Page(
        words=squeezed(" ".join(_words(root, hidden=False))),
        hidden=squeezed(" ".join(_words(root, hidden=True))),
        headings=tuple(squeezed(_content(each)) for each in elements if re.fullmatch("h[1-6]", each.tag)),
        links=tuple(_link(each) for each in elements if each.tag == "a" and "href" in each.attrib),
        images=tuple(dict(each.attrib) for each in elements if each.tag == "img"),
        elements=frozenset(each.tag for each in elements),
        attributes=frozenset(name for each in elements for name in each.attrib),
        styles=frozenset(pair for text in (*inline, *bodies) for pair in declarations(text)),
        at_rules=frozenset((name.lower(), rest.strip()) for sheet in sheets for name, rest in _AT_RULE.findall(sheet)),
    )


@lru_cache(maxsize=4096)
def declarations(style: str) -> tuple[tuple[str, str], ...]:
    """The properties of a style with their values, in order."""
    found = _DECLARATION.findall(style)
    return tuple((name.lower(), value.replace("!important", "").strip().lower()) for name, value in found)


def squeezed(text: str) -> str:
    """The text with every run of blanks, and of the fillers that follow a preheader, as one space."""
    return re.sub(r"[\s\u034f\u2007\u200c\u00a0]+", " ", text).strip()


def _link(element: Any) -> Link:
    seen = not any(_is_unseen(each) for each in (element, *element.iterancestors()))
    pictures = (image.attrib.get("alt", "") for image in element.iter("img"))
    words = squeezed(" ".join([_content(element), *pictures]))
    return Link(element.attrib["href"].strip(), words, seen and bool(words))


def _content(element: Any) -> str:
    return " ".join(element.itertext())


def _is_unseen(element: Any) -> bool:
    return bool(_UNSEEN.search(element.attrib.get("style", "").lower()))


def _words(element: Any, *, hidden: bool, inside: bool = False) -> Iterator[str]:
    """The words that are seen; or, when `hidden`, those that are not."""
    if isinstance(element.tag, str) and element.tag not in _SILENT:
        inside = inside or _is_unseen(element)
        if inside is hidden:
            yield element.text or ""
        for child in element:
            yield from _words(child, hidden=hidden, inside=inside)
            if inside is hidden:
                yield child.tail or ""
