"""A finished HTML mail taken apart: words, links, pictures and styles. Judges nothing."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import lxml.html
from lxml.etree import Comment

_UNSEEN = re.compile(r"display:\s*none|visibility:\s*hidden|font-size:\s*[01](px)?\s*(;|$)|opacity:\s*0\s*(;|$)")
_SILENT = {"head", "style", "script", "title"}
_RULES = re.compile(r"\{([^{}]*)\}")
_COMMENTS = re.compile(r"/\*.*?\*/", re.DOTALL)
_DECLARATION = re.compile(r"([a-zA-Z-]+)\s*:\s*((?:[^;\"'(]|\"[^\"]*\"|'[^']*'|\([^)]*\))*)")
_AT_RULE = re.compile(r"@([a-zA-Z-]+)([^{;]*)")
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
class Page:
    """What a mail program finds in a mail: `words` are visible, `hidden` is the preheader, `fetched` comes unasked.

    Links, images and what is fetched are those that Outlook finds in its conditional comments as well.
    """

    words: str
    hidden: str
    headings: tuple[str, ...]
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
    sheets = [_COMMENTS.sub("", each.text or "") for each in elements if each.tag == "style"]
    inline = {each.attrib["style"] for each in elements if "style" in each.attrib}
    bodies = [body for sheet in sheets for body in _RULES.findall(sheet)]
    return Page(
        words=squeezed(" ".join(_words(root, hidden=False))),
        hidden=squeezed(" ".join(_words(root, hidden=True))),
        headings=tuple(squeezed(_content(each)) for each in elements if re.fullmatch("h[1-6]", each.tag)),
        links=(
            *(_link(each) for each in elements if each.tag == "a" and "href" in each.attrib),
            *(Link(each.attrib["href"].strip(), "", is_visible=False) for each in outlook if "href" in each.attrib),
        ),
        images=tuple(dict(each.attrib) for each in (*elements, *outlook) if each.tag == "img"),
        fetched=tuple(dict.fromkeys(url for each in (*elements, *outlook) for url in _fetched(each))),
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
