"""Insert-or-nothing: the one statement that the two databases spell differently."""

from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_or_nothing(connection: Connection, table: Table, values: dict[str, Any]) -> bool:
    """The row is there, whoever wrote it; tells whether it was this call."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    return connection.execute(insert(table).values(values).on_conflict_do_nothing()).rowcount == 1
