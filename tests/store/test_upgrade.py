"""An older ledger with people in it, brought to this version's tables: nobody and nothing of theirs is lost."""

from contextlib import closing

import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from nurture.domain.errors import StoreError
from nurture.store.database import Database
from nurture.store.leads import all_leads
from nurture.store.limits import Limits
from nurture.store.notes import notes_of_lead
from nurture.store.upgrade import _config, upgrade

LEAD = (
    "INSERT INTO leads (id, public_id, email, email_hash, name, phone, phone_e164, zone, topics, source, created_at) "
)
LEAD += "VALUES (7, 'p', 'a@b.cc', 'h', 'Ann', '', '', 'UTC', '[]', 'page', '2026-03-02 16:17:00.000000')"
NOTE = "INSERT INTO notes (id, lead_id, words, noted_at) VALUES (1, 7, 'mornings', '2026-03-02 16:17:00.000000')"


def test_a_table_that_others_point_to_is_replaced_with_its_rows(empty_database_url):
    ledger = Database(empty_database_url)
    with ledger.begin() as connection:
        command.upgrade(_config(connection), "0005")
        for statement in (LEAD, NOTE):
            connection.execute(text(statement))
    upgrade(ledger)
    with ledger.read() as connection:
        [lead] = all_leads(connection)
        assert (lead.id, lead.email, lead.name) == (7, "a@b.cc", "Ann")
        assert [note.words for note in notes_of_lead(connection, 7)] == ["mornings"]
    # The same connection again: rows may not point to nothing.
    with pytest.raises(IntegrityError), ledger.begin() as connection:
        connection.execute(text("UPDATE notes SET lead_id = 8"))
    ledger.close()


@pytest.mark.parametrize("empty_database_url", ["postgresql"], indirect=True)
def test_a_migration_takes_as_long_as_it_takes(empty_database_url):
    with closing(Database(empty_database_url, Limits(statement=0.001))) as ledger:
        upgrade(ledger)
        with ledger.rebuild() as connection:
            connection.execute(text("SELECT pg_sleep(0.1)"))
        with pytest.raises(StoreError, match="statement timeout"), ledger.read() as connection:
            connection.execute(text("SELECT pg_sleep(0.1)"))
