"""Which words of a finished HTML mail can be seen: by the style of each element, and by rules for some programs."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lxml.cssselect import CSSSelector, SelectorError

from nurture.lint.computed_style import LEAST_SIZE, ComputedStyle, Style, computed_style, hides, size_of
from nurture.lint.css import KeptRule, declarations, media_rules, rules

#: Elements whose words nobody is shown.
SILENT = {"head", "style", "script", "title"}


@dataclass(frozen=True, slots=True)
class Text:
    """How some words are shown to everybody, or, with a query, where that media query is true.

    `tag` is the start tag of their element without its style, `classes` are its own and those around it.
    """

    tag: str
    classes: tuple[str, ...]
    query: str
    style: ComputedStyle


class Visibility:
    """Which elements of a mail are visible: `styles` is how each is shown, `hidden_by_some` what some program hides."""

    def __init__(self, root: Any, sheets: list[str]) -> None:
        self._root, self._sheets = root, tuple(sheets)
        self.styles, self.hidden_by_some = _styles(root, {}), _hidden_by_some(root, sheets)

    def is_visible_to_all(self, element: Any) -> bool:
        """Whether every reader sees the element's words."""
        return not self.styles[element].is_invisible and element not in self.hidden_by_some

    def texts(self) -> Iterator[Text]:
        """How words are shown that are not hidden, in every view of the mail."""
        kept = media_rules(self._sheets)
        views = {"": self.styles} | {query: _styles(self._root, _changes(self._root, of)) for query, of in kept.items()}
        spoken = {each: _named(each) for each in self.styles if _says_words(each)}
        for query, styles in views.items():
            for element, (tag, classes) in spoken.items():
                if not styles[element].is_hidden:
                    yield Text(tag, classes, query, styles[element])


def _named(element: Any) -> tuple[str, tuple[str, ...]]:
    own = element.attrib.get("class", "")
    around = (each.attrib.get("class", "").split() for each in (element, *element.iterancestors()))
    tag = f'<{element.tag} class="{own}">' if own else f"<{element.tag}>"
    return tag, tuple(name for names in around for name in names)


def _says_words(element: Any) -> bool:
    """Tell whether the element itself holds words, not just its children."""
    own = () if element.tag in SILENT else (element.text, *(child.tail for child in element))
    return any(re.search(r"\w", text) for text in own if text)


def _styles(root: Any, changes: Mapping[Any, Style]) -> dict[Any, ComputedStyle]:
    """How every element is shown: by its own style, as a finished mail has its rules inlined, and by changes."""
    found: dict[Any, ComputedStyle] = {}
    for element in root.iter():
        if isinstance(element.tag, str):
            style = {**dict(declarations(element.attrib.get("style", ""))), **changes.get(element, {})}
            found[element] = computed_style(element, style, found.get(element.getparent(), ComputedStyle()))
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


def _hidden_by_some(root: Any, sheets: list[str]) -> set[Any]:
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
