"""Statements about whole sets of rows, each said once for both databases: prepared, and never put together anew.

A set is given as bound values, an array for each column, or on SQLite as one JSON, so that sets of any size share one
statement and one plan.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, CursorResult, TextClause, text

from nurture.store.types import as_text


@dataclass(frozen=True, slots=True)
class RowSet:
    """A set of rows by that name; a statement joins it as `{name}`.

    `columns` are (name, type on PostgreSQL).
    """

    name: str
    columns: tuple[tuple[str, str], ...]

    def arrays(self) -> str:
        """The set as PostgreSQL reads it.

        Each array is selected, so that its length tells nothing of the cost: the statement would else be planned anew
        each time, which takes longer than to carry it out.
        """
        given = ", ".join(f"(SELECT CAST(:{self.name}_{column} AS {of}[]))" for column, of in self.columns)
        return f"unnest({given}) AS {self.name} ({', '.join(column for column, _ in self.columns)})"

    def json(self) -> str:
        """The set as SQLite reads it."""
        read = ", ".join(f"json_extract(value, '$[{at}]') AS {column}" for at, (column, _) in enumerate(self.columns))
        return f"(SELECT {read} FROM json_each(:{self.name})) AS {self.name}"  # noqa: S608


class SetStatement:
    """A statement in which `{set}` stands for a set, and `{now}` for the database's time; `{later}`, of a lease."""

    def __init__(self, words: str, *sets: RowSet, lease: timedelta = timedelta()) -> None:
        seconds = f"{lease.total_seconds():.3f} seconds"
        sqlite = {"now": _sqlite_now("+0.000 seconds"), "later": _sqlite_now(f"+{seconds}")}
        postgresql = {"now": "statement_timestamp()", "later": f"(statement_timestamp() + interval '{seconds}')"}
        self._sets = sets
        self._spelled: dict[str, TextClause] = {
            "sqlite": text(words.format(**sqlite, **{each.name: each.json() for each in sets})),
            "postgresql": text(words.format(**postgresql, **{each.name: each.arrays() for each in sets})),
        }

    def execute(self, connection: Connection, *rows: Sequence[Sequence[Any]], **values: Any) -> CursorResult[Any]:
        """Carried out with these rows for its sets, in their order, and with these values."""
        name = connection.dialect.name
        given = _for_sqlite if name == "sqlite" else _for_postgresql
        for of, each in zip(self._sets, rows, strict=True):
            values |= given(of, each)
        if name == "sqlite":
            values = {key: _plain(value) for key, value in values.items()}
        return connection.execute(self._spelled[name], values)


def _sqlite_now(later: str) -> str:
    return f"(strftime('%Y-%m-%d %H:%M:%f', 'now', '{later}') || '000')"


def _for_postgresql(of: RowSet, rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    arrays = zip(*rows, strict=True) if rows else ((),) * len(of.columns)
    return {f"{of.name}_{column}": _array(array) for (column, _), array in zip(of.columns, arrays, strict=True)}


def _array(values: Sequence[Any]) -> str:
    """As PostgreSQL reads it: the driver looks at each value three times before it says the same."""
    return f"{{{','.join(map(_element, values))}}}"


def _element(value: Any) -> str:
    match value:
        case datetime():
            return value.isoformat()
        case str():
            escaped = value.replace("\\", "\\\\").replace('"', '\\"')
            return f'"{escaped}"'
        case None:
            return "NULL"
        case _:
            return str(value)


def _for_sqlite(of: RowSet, rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    return {of.name: json.dumps([[_plain(value) for value in row] for row in rows])}


def _plain(value: Any) -> Any:
    return as_text(value) if isinstance(value, datetime) else value
