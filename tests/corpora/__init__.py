"""Strings that have broken other programs, read from the data files beside this module."""

import json
from pathlib import Path

_HERE = Path(__file__).parent


def strings(name: str) -> list[str]:
    """The strings of one list, each once, in the order of the file."""
    return list(dict.fromkeys(json.loads((_HERE / f"{name}.json").read_text(encoding="utf-8"))))
