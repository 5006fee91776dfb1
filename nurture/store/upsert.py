"""Insert-or-nothing: the one statement that the two databases spell differently."""

from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_or_nothing(connection: Connection, table: Table, values: dict[str, Any]) -> Any:
    """The first primary key value of the new row, or None when a row like it is already there."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).values(values).on_conflict_do_nothing().returning(*table.primary_key)
    row = connection.execute(statement).one_or_none()
    return row[0] if row else None
