"""What of a finished HTML mail a reader can see: by each element's own style, and by rules kept for some programs."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lxml.cssselect import CSSSelector, SelectorError

from nurture.render.check.css import KeptRule, declarations, media_rules, rules
from nurture.render.check.look import LEAST_SIZE, Look, Style, hides, look_of, size_of

#: Elements whose words nobody is shown.
SILENT = {"head", "style", "script", "title"}


@dataclass(frozen=True, slots=True)
class Text:
    """How some words look to everybody, or, with a query, where that media query is true.

    `tag` is the start tag of their element without its style, `classes` are its own and those around it.
    """

    tag: str
    classes: tuple[str, ...]
    query: str
    look: Look


class Seen:
    """Which elements of a mail are seen: `looks` is how each looks, `vanishing` is what some mail program hides."""

    def __init__(self, root: Any, sheets: list[str]) -> None:
        self._root, self._sheets = root, tuple(sheets)
        self.looks, self.vanishing = _looks(root, {}), _vanishing(root, sheets)

    def by_all(self, element: Any) -> bool:
        """Whether every reader sees the element's words."""
        return not self.looks[element].is_unseen and element not in self.vanishing

    def texts(self) -> Iterator[Text]:
        """Every look that words have which are not hidden, in every view of the mail."""
        kept = media_rules(self._sheets)
        views = {"": self.looks} | {query: _looks(self._root, _changes(self._root, of)) for query, of in kept.items()}
        spoken = {each: _named(each) for each in self.looks if _says_words(each)}
        for query, looks in views.items():
            for element, (tag, classes) in spoken.items():
                if not looks[element].is_hidden:
                    yield Text(tag, classes, query, looks[element])


def _named(element: Any) -> tuple[str, tuple[str, ...]]:
    own = element.attrib.get("class", "")
    around = (each.attrib.get("class", "").split() for each in (element, *element.iterancestors()))
    tag = f'<{element.tag} class="{own}">' if own else f"<{element.tag}>"
    return tag, tuple(name for names in around for name in names)


def _says_words(element: Any) -> bool:
    """Tell whether the element itself holds words, not just its children."""
    own = () if element.tag in SILENT else (element.text, *(child.tail for child in element))
    return any(re.search(r"\w", text) for text in own if text)


def _looks(root: Any, changes: Mapping[Any, Style]) -> dict[Any, Look]:
    """The look of every element, by their own styles, since a finished mail has its rules inlined, and by changes."""
    found: dict[Any, Look] = {}
    for element in root.iter():
        if isinstance(element.tag, str):
            style = {**dict(declarations(element.attrib.get("style", ""))), **changes.get(element, {})}
            found[element] = look_of(element, style, found.get(element.getparent(), Look()))
    return found


def _changes(root: Any, kept: tuple[KeptRule, ...]) -> Mapping[Any, Style]:
    """What the rules say of each element, the last word last. What is inlined yields to `!important` alone."""
    changes: dict[Any, dict[str, str]] = {}
    for rule in kept:
        for element in _matches(root, rule.selector):
            own = dict(declarations(element.attrib.get("style", "")))
            said = {name: value for name, value in rule.style if rule.is_important or name not in own}
            changes.setdefault(element, {}).update(said)
    return changes


def _vanishing(root: Any, sheets: list[str]) -> set[Any]:
    """What some kept rule hides, with all that stands in it: a mail program may follow the rule."""
    hidden: set[Any] = set()
    for sheet in sheets:
        for selectors, style in rules(sheet):
            if hides(dict(declarations(style))) or size_of(dict(declarations(style)), 16) < LEAST_SIZE:
                hidden |= {each for one in selectors.split(",") for top in _selected(root, one) for each in top.iter()}
    return hidden


def _selected(root: Any, selector: str) -> list[Any]:
    """What the rule is for, also where it is for a surrounding that only a mail program makes: `[data-ogsc] .foot`."""
    last = re.split(r"[\s>+~]+", selector.strip())[-1]
    exact = _matches(root, selector.strip())
    return exact or (_matches(root, last) if "." in last or "#" in last else [])


def _matches(root: Any, selector: str) -> list[Any]:
    found = _compiled(selector)
    return found(root) if found else []


@lru_cache(maxsize=512)
def _compiled(selector: str) -> Any:
    """The selector ready for use; None when nothing in a document can be meant, as by `p::before`."""
    try:
        return CSSSelector(selector, translator="html")
    except SelectorError:
        return None
