"""The keys that a file may hold, as its reader knows them: it names them all where it refuses one."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nurture.domain.errors import ConfigError

HEADER = re.compile(r"^\[+([\w.]+)\]+.*$", re.MULTILINE)
STRANGE = "a_key_that_nobody_knows = 1"


def known_keys(file: Path, read: Callable[[str], object]) -> dict[str, set[str]]:
    """By table ("" is the file's head) the keys that `read`, given the file's text, says it knows."""
    known: dict[str, set[str]] = {}
    for name, text in _with_a_strange_key(file.read_text()):
        with pytest.raises(ConfigError) as refused:
            read(text)
        listed = re.search(r"known here: ([^)]*)", str(refused.value))
        assert listed, refused.value
        known.setdefault(name, set()).update(listed[1].split(", "))
    return known


def _with_a_strange_key(text: str) -> Iterator[tuple[str, str]]:
    front = "+++\n" if text.startswith("+++\n") else ""
    yield "", f"{front}{STRANGE}\n{text.removeprefix(front)}"
    head = text.split("+++\n")[1] if front else text
    for header in HEADER.finditer(head):
        place = len(front) + header.end()
        yield header[1], f"{text[:place]}\n{STRANGE}{text[place:]}"
