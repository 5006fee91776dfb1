"""The database's own time in a statement: it may be added to, and costs no statement its place among the compiled."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from nurture.store.types import database_now


def test_later_is_added_and_may_be_less(database):
    spans = [timedelta(), timedelta(minutes=5), timedelta(seconds=-60), timedelta(milliseconds=1500)]
    with database.read() as connection:
        row = connection.execute(select(*map(database_now, spans))).one()
    assert [round((each - row[0]).total_seconds(), 1) for each in row] == [0, 300, -60, 1.5]
    assert abs(row[0] - datetime.now(UTC)) < timedelta(seconds=5)


def test_one_statement_is_compiled_once_however_much_later(database):
    compiled = {}
    with database.read() as connection:
        kept = connection.execution_options(compiled_cache=compiled)
        for seconds in range(3):
            kept.execute(select(database_now(timedelta(seconds=seconds)))).one()
    assert len(compiled) == 1
