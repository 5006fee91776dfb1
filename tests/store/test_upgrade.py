"""An older ledger with people in it, brought to this version's tables: nobody and nothing of theirs is lost."""

from contextlib import closing
from datetime import UTC, datetime

import pytest
from alembic import command
from sqlalchemy import JSON, column, inspect, table, text
from sqlalchemy.exc import IntegrityError

from nurture.domain.delivery_state import DeliveryState
from nurture.domain.enrolment import Settled
from nurture.domain.errors import StoreError
from nurture.domain.event import EventKind
from nurture.store.consents import consents_of_lead
from nurture.store.database import Database
from nurture.store.deliveries import delivery_by_id
from nurture.store.enrolment_snapshot import load_enrolment
from nurture.store.enrolments import enrolment_by_public_id
from nurture.store.events import events_of_lead
from nurture.store.first_key import key_fingerprint
from nurture.store.leads import all_leads
from nurture.store.notes import notes_of_lead
from nurture.store.signups import Asker, count_signups
from nurture.store.suppressions import suppressions_of_leads
from nurture.store.system_state import read_system_state
from nurture.store.timeouts import LedgerTimeouts
from nurture.store.types import Instant
from nurture.store.upgrade import _config, upgrade
from nurture.store.visits import visit_by_public_id

LEAD = (
    "INSERT INTO leads (id, public_id, email, email_hash, name, phone, phone_e164, zone, topics, source, created_at) "
)
LEAD += "VALUES (7, 'p', 'a@b.cc', 'h', 'Ann', '', '', 'UTC', '[]', 'page', '2026-03-02 16:17:00.000000')"
NOTE = "INSERT INTO notes (id, lead_id, words, noted_at) VALUES (1, 7, 'mornings', '2026-03-02 16:17:00.000000')"

# A row of every table, as installations at the revision before have them.
BEFORE, AT = "0011", datetime(2026, 3, 2, 16, 17, tzinfo=UTC)
FILLED = {
    "leads": {"id": 7, "public_id": "p", "email": "a@b.cc", "email_hash": "h", "name": "Ann", "phone": "817-555-0102"}
    | {"phone_e164": "+18175550102", "zone": "UTC", "topics": [], "source": "page", "created_at": AT},
    "consents": {"id": 1, "lead_id": 7, "wording": "Yes.", "version": "v", "page": "/"}
    | {"source": "page", "given_at": AT},
    "notes": {"id": 1, "lead_id": 7, "words": "mornings", "noted_at": AT},
    "visits": {"id": 3, "public_id": "v", "lead_id": 7, "starts_at": AT, "minutes": 45, "status": "booked"}
    | {"sequence": 2, "booked_at": AT},
    "enrolments": {"id": 5, "public_id": "e", "lead_id": 7, "campaign": "drip", "occurrence": "1", "visit_id": 3}
    | {"visit_sequence": 2, "enrolled_at": AT},
    "deliveries": {"id": 9, "enrolment_id": 5, "lead_id": 7, "step": "report", "kind": "requested", "state": "sent"}
    | {"attempts": 2, "fence": 3, "doubts": 1, "queued_at": AT, "not_before": AT, "settled_at": AT, "handed_at": AT},
    "events": {"id": 1, "kind": "replied", "lead_id": 7, "visit_id": 3, "delivery_id": 9, "at": AT},
    "suppressions": {"email_hash": "h", "reason": "unsubscribed", "since_at": AT},
    "signups": {"id": 1, "at": AT, "mailbox": "m", "report": "drip"},
}
SYSTEM = {"sweeps": 41, "swept_at": AT, "stopped_until": AT, "stopped_reason": "away", "key_fingerprint": "k"}
TYPES = {datetime: Instant(), list: JSON()}


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


def fill(connection):
    """The tables of the commit before, each with a row."""
    command.upgrade(_config(connection), BEFORE)
    assert {*FILLED, "ledger", "alembic_version"} == set(inspect(connection).get_table_names())
    for name, row in FILLED.items():
        connection.execute(stand_in(name, row).insert().values(row))
    connection.execute(stand_in("ledger", SYSTEM).update().values(SYSTEM))


def stand_in(name, row):
    """The table by its name alone: the schema is of today."""
    return table(name, *(column(each, TYPES.get(type(value))) for each, value in row.items()))


def test_an_installation_of_the_commit_before_is_read_as_it_was_filled(empty_database_url):
    ledger = Database(empty_database_url)
    with ledger.begin() as connection:
        fill(connection)
        # Whoever upgrades is asked for the right key first.
        assert key_fingerprint(connection) == "k"
        name = connection.execute(text("SELECT name FROM ledger")).scalar_one()
    upgrade(ledger)
    with ledger.read() as connection:
        system = read_system_state(connection)
        assert (system.name, system.sweeps, system.swept_at) == (name, 41, AT)
        assert (system.stopped_until, system.stopped_reason) == (AT, "away")
        assert key_fingerprint(connection) == "k"
        [lead] = all_leads(connection)
        assert (lead.id, lead.email, lead.phone_e164, lead.created_at) == (7, "a@b.cc", "+18175550102", AT)
        assert [each.wording for each in consents_of_lead(connection, 7)] == ["Yes."]
        assert [each.words for each in notes_of_lead(connection, 7)] == ["mornings"]
        assert [each.kind for each in events_of_lead(connection, 7)] == [EventKind.REPLIED]
        assert suppressions_of_leads(connection, {7}) == {7: {"unsubscribed"}}
        assert count_signups(connection, Asker("m", "drip", None, None), AT).mailbox == 1
        assert visit_by_public_id(connection, "v").sequence == 2
        assert enrolment_by_public_id(connection, "e").id == 5
        enrolment, delivery = load_enrolment(connection, 5), delivery_by_id(connection, 9)
        assert enrolment.settled == (Settled("report", DeliveryState.SENT, AT),)
        assert {"replied", "unsubscribed"} <= enrolment.facts
        assert (delivery.attempts, delivery.fence, delivery.in_doubt_since) == (2, 3, AT)
    ledger.close()


@pytest.mark.parametrize("empty_database_url", ["postgresql"], indirect=True)
def test_a_migration_takes_as_long_as_it_takes(empty_database_url):
    with closing(Database(empty_database_url, LedgerTimeouts(statement=0.001))) as ledger:
        upgrade(ledger)
        with ledger.rebuild() as connection:
            connection.execute(text("SELECT pg_sleep(0.1)"))
        with pytest.raises(StoreError, match="statement timeout"), ledger.read() as connection:
            connection.execute(text("SELECT pg_sleep(0.1)"))
