"""The text of a style attribute or a style element taken apart. Knows no element and judges nothing."""

import re
from collections.abc import Iterator
from functools import lru_cache

_RULES = re.compile(r"([^{};]*)\{([^{}]*)\}")
_COMMENTS = re.compile(r"/\*.*?\*/", re.DOTALL)
_DECLARATION = re.compile(r"([a-zA-Z-]+)\s*:\s*((?:[^;\"'(]|\"[^\"]*\"|'[^']*'|\([^)]*\))*)")
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
