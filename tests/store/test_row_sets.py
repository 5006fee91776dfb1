"""A set comes back from the database as it was given, whatever is in it."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from nurture.store.row_sets import RowSet, SetStatement
from tests.conftest import MONDAY

_NEW = RowSet("new", (("id", "bigint"), ("word", "text"), ("at", "timestamptz")))
_KEEP = SetStatement("INSERT INTO kept SELECT id, word, at FROM {new}", _NEW)
WORDS = ['a "b" \\ c', "{,}", "NULL", "", " ", "zoë's\n", None, "\\", "<1.a,b@example.com>"]


@pytest.mark.parametrize("at", [MONDAY, datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC), None])
def test_every_value_is_kept(database, at):
    with database.begin() as connection:
        connection.execute(text("CREATE TABLE kept (id bigint, word text, at timestamp)"))
        _KEEP.execute(connection, [(n, word, at) for n, word in enumerate(WORDS)])
        rows = connection.execute(text("SELECT id, word, at IS NULL FROM kept ORDER BY id")).all()
    assert [tuple(row) for row in rows] == [(n, word, at is None) for n, word in enumerate(WORDS)]
