"""Column types and the database's own clock, alike on SQLite and PostgreSQL."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import DateTime, Dialect, Interval, String, literal
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine


def as_text(instant: datetime) -> str:
    """What SQLite keeps for the instant: it has none, but text of one fixed width compares like what it stands for."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


class Instant(TypeDecorator[datetime]):
    """An aware datetime in UTC. A naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Text on SQLite, a timestamp with time zone elsewhere."""
        return dialect.type_descriptor(String(26) if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """What the database keeps for the instant."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a zone")
        return as_text(value) if dialect.name == "sqlite" else value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, _coltype: object) -> Callable[[Any], Any] | None:
        """How the instant comes back, in UTC. PostgreSQL's come so by themselves: each session is in UTC."""
        return _from_text if dialect.name == "sqlite" else None


def _from_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value + "+00:00")


class _Later(TypeDecorator[timedelta]):
    """A span that the database adds to its own time: an interval, or on SQLite the words for one."""

    impl = Interval
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Text on SQLite, an interval elsewhere."""
        return dialect.type_descriptor(String(32) if dialect.name == "sqlite" else postgresql.INTERVAL())

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> Any:
        """What the database adds."""
        later = value or timedelta()
        return f"{later.total_seconds():+.3f} seconds" if dialect.name == "sqlite" else later


class database_now(FunctionElement[datetime]):  # noqa: N801 - it reads as the SQL function that it is
    """The database's own time now, plus `later`. Leases go by it, so no worker's clock can steal one.

    On PostgreSQL it is the time at which the statement began. The same for every row, it can be looked up in an index;
    `clock_timestamp()` moves on from row to row, so every row would have to be read.
    """

    inherit_cache = True
    type = Instant()

    def __init__(self, later: timedelta = timedelta()) -> None:
        # A bound value, so that the statement is compiled once, however much later.
        super().__init__(literal(later, _Later()))


@compiles(database_now, "sqlite")
def _sqlite_now(element: database_now, compiler: SQLCompiler, **options: Any) -> str:
    return f"(strftime('%Y-%m-%d %H:%M:%f', 'now', {compiler.process(element.clauses, **options)}) || '000')"


@compiles(database_now, "postgresql")
def _postgresql_now(element: database_now, compiler: SQLCompiler, **options: Any) -> str:
    return f"(statement_timestamp() + {compiler.process(element.clauses, **options)})"
