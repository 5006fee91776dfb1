"""Column types and the database's own clock, alike on SQLite and PostgreSQL."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import DateTime, Dialect, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ColumnElement
from sqlalchemy.types import TypeDecorator, TypeEngine

# SQLite has no instant: text of one fixed width compares like the instants it stands for.
_TEXT = "%Y-%m-%d %H:%M:%S.%f"


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
        value = value.astimezone(UTC)
        return value.strftime(_TEXT) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """The instant that the database kept, in UTC."""
        if value is None:
            return None
        if dialect.name == "sqlite":
            return datetime.strptime(value, _TEXT).replace(tzinfo=UTC)
        instant: datetime = value
        return instant.astimezone(UTC)


class database_now(ColumnElement[datetime]):  # noqa: N801 - it reads as the SQL function that it is
    """The database's own time now, plus `later`. Leases go by it, so no worker's clock can steal one."""

    inherit_cache = False
    type = Instant()

    def __init__(self, later: timedelta = timedelta()) -> None:
        self.later = later.total_seconds()


@compiles(database_now, "sqlite")
def _sqlite_now(element: database_now, _compiler: SQLCompiler, **_options: Any) -> str:
    return f"(strftime('%Y-%m-%d %H:%M:%f', 'now', '{element.later:+.3f} seconds') || '000')"


@compiles(database_now, "postgresql")
def _postgresql_now(element: database_now, _compiler: SQLCompiler, **_options: Any) -> str:
    return f"(clock_timestamp() + interval '{element.later:.3f} seconds')"
