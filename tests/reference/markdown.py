"""Markdown as the reference pages use it: headed tables, and what a source says of the words of a list."""

import inspect
import re
from collections.abc import Iterable
from enum import Enum

MADE = "<!-- Made from the code by `make docs`; what is written here by hand is lost. -->"


def page(title: str, *parts: str) -> str:
    return "\n\n".join([f"# {title}", MADE, *parts]) + "\n"


def table(heads: tuple[str, ...], rows: Iterable[Iterable[str]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join(f"| {' | '.join(_cell(each) for each in line)} |" for line in lines)


def code(text: object) -> str:
    return f"`{text}`"


def remarks(words: type[Enum]) -> dict[str, str]:
    """What stands behind `#:` beside each member in the source of the list; nothing where nothing does."""
    said = dict(re.findall(r'^ +\w+ = "(.+?)"(?:  #: (.*))?$', inspect.getsource(words), re.MULTILINE))
    return {str(each.value): said[each.value] for each in words}


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
