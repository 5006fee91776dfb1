"""Every room and file of nurture/, from the top floor down, in the words of its own first line."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import ROOT
from tests.reference.markdown import code, page, table

PROGRAM = ROOT / "nurture"
HEAD = """\
Rooms are folders of `nurture/`, here from the top floor down: each imports only from floors below its own, and rooms on one floor
do not know each other. `import-linter` holds them to it. How a mail walks through them:
[architecture](../explanation/architecture.md). What to touch for what: [CONTRIBUTING](../../CONTRIBUTING.md)."""


def program_map() -> str:
    rows = [
        row
        for n, floor in zip(range(len(floors()))[::-1], floors(), strict=True)
        for name in floor
        for row in _row(n, name)
    ]
    rooms = [
        part for floor in floors() for name in floor if (PROGRAM / name).is_dir() for part in _room(PROGRAM / name)
    ]
    return page("The map", HEAD, table(("floor", "room or file", "what it is"), rows), *rooms)


def floors() -> list[list[str]]:
    """The names on each floor, from the top down, as import-linter is told them."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(
        each["layers"] for each in contracts if each["type"] == "layers" and each["containers"] == ["nurture"]
    )
    return [re.split(r" *[|:] *", layer) for layer in layers]


def _row(floor: int, name: str) -> Iterator[tuple[str, str, str]]:
    folder, file = PROGRAM / name, PROGRAM / f"{name}.py"
    if folder.is_dir():
        yield str(floor), f"[{name}/](#{name})", _first_line(folder / "__init__.py")
    else:
        yield str(floor), code(file.name), _first_line(file)


def _room(room: Path) -> Iterator[str]:
    files = [file for file in sorted(room.rglob("*.py")) if "versions" not in file.parts and _first_line(file)]
    rows = ([code(_name(file, room)), _first_line(file)] for file in files if file != room / "__init__.py")
    yield f"## {room.name}"
    yield _first_line(room / "__init__.py")
    yield table(("file", "what it is"), rows)


def _name(file: Path, room: Path) -> str:
    name = file.relative_to(room).as_posix()
    return name.removesuffix("__init__.py")


def _first_line(file: Path) -> str:
    words = (ast.get_docstring(ast.parse(file.read_text())) or "").partition("\n\n")[0]
    return words.replace("\n", " ")
