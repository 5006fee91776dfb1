"""The text of a style attribute or a style element taken apart. Knows no element and judges nothing."""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import cssutils

_RULES = re.compile(r"([^{};]*)\{([^{}]*)\}")
_COMMENTS = re.compile(r"/\*.*?\*/", re.DOTALL)
_DECLARATION = re.compile(r"([a-zA-Z-]+)\s*:\s*((?:[^;\"'(]|\"[^\"]*\"|'[^']*'|\([^)]*\))*)")
_PARTS = {"background": ("background-color", "background-image"), "font": ("font-size", "font-weight")}
_AT_RULE = re.compile(r"@([a-zA-Z-]+)([^{;]*)")


@lru_cache(maxsize=4096)
def declarations(style: str) -> tuple[tuple[str, str], ...]:
    """The properties of a style with their values, in order."""
    found = _DECLARATION.findall(style)
    return tuple((name.lower(), value.replace("!important", "").strip().lower()) for name, value in found)


def without_comments(sheet: str) -> str:
    """The style rules alone."""
    return _COMMENTS.sub("", sheet)


@lru_cache(maxsize=512)
def rules(sheet: str) -> tuple[tuple[str, str], ...]:
    """Every rule of a sheet, inside `@media` as well: its selectors and its style."""
    return tuple((selectors.strip(), style) for selectors, style in _RULES.findall(sheet))


def at_rules(sheet: str) -> Iterator[tuple[str, str]]:
    """The name of every at-rule, and what follows it up to its block."""
    for name, rest in _AT_RULE.findall(sheet):
        yield name.lower(), rest.strip()


@dataclass(frozen=True, slots=True)
class KeptRule:
    """A rule of a media query for one selector: what it says, and whether inlined styles yield to it."""

    selector: str
    style: tuple[tuple[str, str], ...]
    is_important: bool


@lru_cache(maxsize=64)
def media_rules(sheets: tuple[str, ...]) -> dict[str, tuple[KeptRule, ...]]:
    """By media query: its rules, the weakest first."""
    cssutils.log.setLevel(logging.CRITICAL)
    found: dict[str, list[tuple[tuple[int, ...], KeptRule]]] = {}
    for sheet in sheets:
        for block in cssutils.parseString(sheet, validate=False).cssRules.rulesOfType(cssutils.css.CSSRule.MEDIA_RULE):
            for rule in block.cssRules.rulesOfType(cssutils.css.CSSRule.STYLE_RULE):
                found.setdefault(block.media.mediaText, []).extend(_weighed(rule))
    return {
        query: tuple(rule for _, rule in sorted(rules, key=lambda weighed: weighed[0]))
        for query, rules in found.items()
    }


def _weighed(rule: cssutils.css.CSSStyleRule) -> Iterator[tuple[tuple[int, ...], KeptRule]]:
    for is_important in (False, True):
        told = (each for each in rule.style if (each.priority == "important") is is_important)
        style = tuple(said for each in told for said in _whole(each.name, each.value.lower()))
        if style:
            for selector in rule.selectorList:
                yield (is_important, *selector.specificity), KeptRule(selector.selectorText, style, is_important)


def _whole(name: str, value: str) -> Iterator[tuple[str, str]]:
    """The declaration; a shorthand takes back what its parts said before (CSS Cascade 4, 2)."""
    yield from ((part, "") for part in _PARTS.get(name, ()))
    yield name, value
