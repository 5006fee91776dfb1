"""The template files a mail is made of, and the line in them that something comes from. Renders nothing."""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from jinja2 import TemplateSyntaxError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from nurture.render.pictures import picture

_Kind = TypeVar("_Kind", bound=nodes.Node)

_PARSER = ImmutableSandboxedEnvironment(autoescape=True)
_PARSER.globals["picture"] = picture


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file; the file is relative to the home."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Source:
    """One template file, or another that mails are made of: its name in its folder of the home, and its text."""

    name: str
    text: str
    folder: str = "templates"

    @property
    def file(self) -> str:
        """Its place in the home."""
        return f"{self.folder}/{self.name}"

    @property
    def tree(self) -> nodes.Template:
        """What Jinja understands; empty when it does not, as rendering will say."""
        return _parsed(self.text)

    def all(self, kind: type[_Kind]) -> list[_Kind]:
        """Every node of that kind, those in blocks and branches as well, in the order of the text."""
        return [each for each in _nodes(self.text) if isinstance(each, kind)]

    @property
    def parent(self) -> str:
        """The template that it extends, by name; or nothing."""
        names = (each.template for each in self.all(nodes.Extends))
        return next((each.value for each in names if isinstance(each, nodes.Const)), "")

    def place(self, position: int = 0) -> Place:
        """Where the character at that position stands."""
        return Place(self.file, self.text.count("\n", 0, position) + 1)


def sources_of(home: Path, name: str, found: dict[str, Source] | None = None) -> dict[str, Source]:
    """The template and everything it extends, includes or imports, itself first; what is missing is left out."""
    found = {} if found is None else found
    if name not in found and (home / "templates" / name).is_file():
        found[name] = read_source(home, name)
        for other in filter(None, meta.find_referenced_templates(found[name].tree)):
            sources_of(home, other, found)
    return found


def lineage(sources: list[Source]) -> list[Source]:
    """The first of them, what it extends, and so on up to the frame that it stands in."""
    by_name = {each.name: each for each in sources}
    family = [sources[0]]
    while (parent := by_name.get(family[-1].parent)) is not None and parent not in family:
        family.append(parent)
    return family


def read_source(home: Path, name: str, folder: str = "templates") -> Source:
    """The text of a file of the home, whatever it was saved as: rendering says so when it is not UTF-8."""
    return Source(name, (home / folder / name).read_text(encoding="utf-8-sig", errors="replace"), folder)


def locate(sources: list[Source], *needles: str) -> Place | None:
    """The first place of the first needle, a pattern (or its group), that occurs in them."""
    for needle in filter(None, needles):
        for source in sources:
            match = re.search(needle, source.text, re.IGNORECASE)
            if match:
                return source.place(match.start(match.lastindex or 0))
    return None


# Every mail has the same frame and parts.
@lru_cache(maxsize=256)
def _nodes(text: str) -> tuple[nodes.Node, ...]:
    return tuple(_parsed(text).find_all(nodes.Node))


@lru_cache(maxsize=256)
def _parsed(text: str) -> nodes.Template:
    try:
        return _PARSER.parse(text)
    except TemplateSyntaxError:
        return _PARSER.parse("")
