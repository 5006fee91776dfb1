"""How answers look: a table that fits the terminal, JSON for programs, one sentence for a refusal."""

import json
import os
import re
import shutil
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NoReturn, TypeVar

import click

from nurture.cli.aside import say
from nurture.cli.table import table
from nurture.domain.errors import Refusal

Row = dict[str, Any]
_T = TypeVar("_T")
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")
_WIDE = 10_000
_UNCHANGED = re.compile(r", so nothing was \w+| Nothing was \w+\.")

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")


def show_rows(rows: Sequence[Row], columns: Sequence[str], *, as_json: bool, empty: str) -> None:
    """The rows are on standard output: all fields as JSON, or the named columns as a table."""
    if as_json:
        click.echo(json.dumps(list(rows), indent=2, default=str, ensure_ascii=False))
        return
    if not rows:
        click.echo(empty)
        return
    header, lines = table(
        [column.replace("_", " ") for column in columns],
        [[_cell(row[column]) for column in columns] for row in rows],
        _width(),
    )
    click.secho("\n".join(header), bold=True)
    click.echo("\n".join(lines))


def _width() -> int:
    """The terminal's columns. A pipe is as wide as it takes: what reads it must find one row a line."""
    if sys.stdout.isatty() or "COLUMNS" in os.environ:
        return shutil.get_terminal_size().columns
    return _WIDE


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"{text[:10]} {text[11:16]}" if _ISO.fullmatch(text) else text


def show_fields(fields: Row, *, as_json: bool) -> None:
    """One thing's fields are on standard output: as a JSON object, or a line each, but for lists of other things."""
    if as_json:
        click.echo(json.dumps(fields, indent=2, default=str, ensure_ascii=False))
        return
    width = max(map(len, fields))
    for name, value in fields.items():
        words = ", ".join(each for each in value if isinstance(each, str)) if isinstance(value, list) else value
        if words or not isinstance(value, list):
            click.echo(f"{name.replace('_', ' '):<{width}}  {'' if words is None else words}")


def accepted(result: _T | Refusal) -> _T:
    """The result; a refusal is said on standard error and ends the command with exit code 1."""
    if isinstance(result, Refusal):
        refuse(result.sentence)
    return result


def looked_up(result: _T | Refusal) -> _T:
    """The result, for a command that only reads: a refusal does not tell what was left as it is, for all was."""
    if isinstance(result, Refusal):
        refuse(_UNCHANGED.sub("", result.sentence))
    return result


def refuse(sentence: str) -> NoReturn:
    """The sentence is on standard error, and the command ends with exit code 1."""
    say(f"nurture: {sentence}")
    sys.exit(1)


def counted(number: int, thing: str) -> str:
    """So many of a thing whose plural ends in s."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def iso(at: datetime | None, zone: Any) -> str | None:
    """The instant as ISO 8601 with the offset of `zone`, to the second."""
    return at.astimezone(zone).isoformat(timespec="seconds") if at else None
