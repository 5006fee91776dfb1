"""The template files a mail is made of, and the line in them that something comes from. Renders nothing."""

import re
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, TemplateSyntaxError, meta

_PARSER = Environment(autoescape=True)


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file; the file is relative to the home."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Source:
    """One template file: its name below templates/, and its text."""

    name: str
    text: str

    def place(self, position: int = 0) -> Place:
        """Where the character at that position stands."""
        return Place(f"templates/{self.name}", self.text.count("\n", 0, position) + 1)


def sources_of(templates: Path, name: str, found: dict[str, Source] | None = None) -> dict[str, Source]:
    """The template and everything it extends, includes or imports, itself first; what is missing is left out."""
    found = {} if found is None else found
    file = templates / name
    if name not in found and file.is_file():
        found[name] = read_source(templates, name)
        for other in _referenced(found[name].text):
            sources_of(templates, other, found)
    return found


def read_source(templates: Path, name: str) -> Source:
    """The file's text, whatever it was saved as: rendering says so when it is not UTF-8."""
    return Source(name, (templates / name).read_text(encoding="utf-8-sig", errors="replace"))


def locate(sources: list[Source], needle: str) -> Place:
    """The first place where the needle, a pattern, occurs (or its group); else the top of the first file."""
    for source in sources if needle else ():
        match = re.search(needle, source.text, re.IGNORECASE)
        if match:
            return source.place(match.start(match.lastindex or 0))
    return sources[0].place()


def _referenced(text: str) -> list[str]:
    try:
        return [name for name in meta.find_referenced_templates(_PARSER.parse(text)) if name]
    except TemplateSyntaxError:
        # Rendering says what is wrong with it.
        return []
