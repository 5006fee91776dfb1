"""The ledger's promises, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError

from nurture.contact.phone import Phone
from nurture.domain.delivery_state import TRANSITIONS, DeliveryState
from nurture.domain.errors import ConfigError, StoreError
from nurture.domain.message import MailKind
from nurture.store import claims, deliveries, enrolments, outbox
from nurture.store.database import Database
from nurture.store.deliveries import NewDelivery
from nurture.store.enrolments import NewEnrolment
from nurture.store.hand_over import hand_over, handed
from nurture.store.leads import NewLead, add_lead, save_lead
from nurture.store.revision import REVISION, ensure_current
from nurture.store.schema import metadata
from nurture.store.upgrade import upgrade

NOW = datetime(2026, 3, 2, 16, 17, 1, 234567, tzinfo=UTC)
ANN = NewLead("ann@example.com", "h" * 32, "", Phone(), ZoneInfo("Europe/London"), frozenset({"lumbar"}), "page")


@pytest.fixture
def queued(database):
    """The ids of 60 queued deliveries of one lead."""
    with database.begin() as connection:
        lead, _ = add_lead(connection, ANN, NOW)
        enrolled = [enrolments.add_enrolment(connection, NewEnrolment(lead.id, "drip", str(n)), NOW) for n in range(60)]
        news = [NewDelivery(each, lead.id, "one", MailKind.NURTURE, f"<{each}@x>") for each in enrolled]
        return [deliveries.queue(connection, new, NOW) for new in news]


def read(database, delivery_id):
    with database.read() as connection:
        return deliveries.delivery_by_id(connection, delivery_id)


def claim(database, delivery):
    with database.begin() as connection:
        return next(iter(claims.claim(connection, [delivery], NOW)), None)


@dataclass
class Ready:
    delivery: deliveries.Delivery
    dated: datetime = NOW
    events_seen: int = 0


def hand(connection, delivery):
    return hand_over(connection, [], [Ready(delivery)], NOW) == {delivery.id}


def test_migrations_and_schema_agree(database):
    upgrade(database)
    ensure_current(database)
    with database.read() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == REVISION


def test_an_empty_database_is_named_with_its_remedy(empty_database_url):
    empty = Database(empty_database_url)
    with pytest.raises(StoreError, match="nurture upgrade"):
        ensure_current(empty)
    empty.close()


def test_three_upgrades_at_once(empty_database_url):
    ledgers = [Database(empty_database_url) for _ in range(3)]
    with ThreadPoolExecutor() as pool:
        assert set(pool.map(upgrade, ledgers)) == {REVISION}
    for ledger in ledgers:
        ledger.close()


@pytest.mark.parametrize(("state", "allowed"), TRANSITIONS.items())
def test_only_the_allowed_transitions_are_written(database, queued, state, allowed):
    with database.begin() as connection:
        connection.execute(text("UPDATE deliveries SET state = :state"), {"state": state})
        for target, delivery_id in zip(DeliveryState, queued, strict=False):
            seen = deliveries.delivery_by_id(connection, delivery_id)
            assert deliveries.settle(connection, seen, target, reason=None, now=NOW) == (target in allowed)


def test_instants_keep_their_microseconds_and_naive_ones_are_refused(database):
    with database.begin() as connection:
        lead, is_new = add_lead(connection, ANN, NOW)
        assert (lead.created_at, is_new) == (NOW, True)
    with pytest.raises(Exception, match="zone"), database.begin() as connection:
        enrolments.add_enrolment(connection, NewEnrolment(lead.id, "x", "1"), NOW.replace(tzinfo=None))


def test_a_lead_is_known_by_the_address_and_adding_it_again_changes_nothing(database):
    with database.begin() as connection:
        first, _ = add_lead(connection, ANN, NOW)
        other = NewLead(ANN.email, ANN.email_hash, "Ann", Phone("1", "+1"), ANN.zone, frozenset({"b"}), "x")
        again, is_new = add_lead(connection, other, NOW + timedelta(days=1))
        assert (again, is_new, len(first.public_id)) == (first, False, 20)


def test_an_address_that_is_given_up_the_moment_it_is_asked_for_is_a_new_leads(database):
    with database.begin() as connection:
        known, _ = add_lead(connection, ANN, NOW)
    if database.engine.dialect.name == "sqlite":
        return  # it has one writer at a time

    waiting = [known]

    def give_up(_connection, _cursor, statement, *_):
        if waiting and statement.startswith("INSERT INTO leads"):
            waiting.clear()
            with database.begin() as other:
                assert save_lead(other, replace(known, email="ann@other.example"), "i" * 32)

    event.listen(database.engine, "after_cursor_execute", give_up)
    with database.begin() as connection:
        lead, is_new = add_lead(connection, ANN, NOW)
    assert (lead.email, is_new, lead.id != known.id) == (ANN.email, True, True)


def test_one_delivery_a_step(database, queued):
    delivery = read(database, queued[0])
    new = NewDelivery(delivery.enrolment_id, delivery.lead_id, delivery.step, delivery.kind, "<another@x>")
    with database.begin() as connection:
        assert deliveries.queue(connection, new, NOW) is None


def test_a_claim_is_taken_once_and_the_fence_rises(database, queued):
    seen = read(database, queued[0])
    assert claim(database, seen).fence == 1
    assert claim(database, seen) is None


def test_what_was_claimed_before_a_recovery_can_no_longer_write(database, queued):
    old = claim(database, read(database, queued[0]))
    with database.begin() as connection:
        assert deliveries.requeue(connection, old, NOW)
    new = claim(database, read(database, queued[0]))
    with database.begin() as connection:
        assert not hand(connection, old)
        assert not deliveries.settle(connection, old, DeliveryState.SENT, reason=None, now=NOW)
        assert hand(connection, new)
        assert deliveries.delivery_by_id(connection, new.id) == handed(new, NOW)


def test_a_lapsed_lease_is_found_and_hands_nothing_over(database, queued):
    claimed = claim(database, read(database, queued[0]))
    with database.begin() as connection:
        assert deliveries.lapsed(connection, 10) == []
        connection.execute(
            text("UPDATE deliveries SET leased_until = '2020-01-01 00:00:00.000000' WHERE leased_until IS NOT NULL")
        )
        assert [each.id for each in deliveries.lapsed(connection, 10)] == [claimed.id]
        assert not hand(connection, claimed)
        assert deliveries.delivery_by_id(connection, claimed.id).state is DeliveryState.CLAIMED


def test_hints_are_sent_once_a_minute_at_most(database, queued):
    with database.begin() as connection:
        assert len(outbox.undispatched(connection, NOW, 100)) == 60
        assert outbox.undispatched(connection, NOW - timedelta(seconds=1), 100) == []
        outbox.mark_dispatched(connection, queued)
        assert outbox.undispatched(connection, NOW, 100) == []
        outbox.mark_undispatched(connection, queued[:2])
        assert outbox.undispatched(connection, NOW, 100) == queued[:2]


def test_many_workers_claim_each_delivery_once(database, queued):
    def work(_worker):
        return [each for each in queued if claim(database, read(database, each)) is not None]

    with ThreadPoolExecutor(6) as pool:
        claimed = [each for worker in pool.map(work, range(6)) for each in worker]
    assert sorted(claimed) == queued


def test_a_sweep_takes_several_enrolments_of_a_lead(database, queued):
    with database.begin() as connection:
        assert len(enrolments.lock_due(connection, NOW, 50)) == 50


def test_a_reader_never_waits_for_a_writer(database, queued):
    with database.begin() as writer:
        outbox.mark_dispatched(writer, queued)
        assert read(database, queued[0]).state is DeliveryState.QUEUED


def test_an_error_quotes_its_statement_without_the_values(database):
    with pytest.raises(IntegrityError) as error, database.begin() as connection:
        connection.execute(text("INSERT INTO leads (email) VALUES (:email)"), {"email": "ann@example.com"})
    assert "leads" in str(error.value)
    # PostgreSQL itself may add the row, as a detail.
    assert "ann@example.com" not in str(error.value).partition("DETAIL")[0]


@pytest.mark.parametrize("url", ["mysql://h/n", "not a url", "oracle://h/n"])
def test_other_databases_are_refused_in_a_sentence(url):
    with pytest.raises(ConfigError, match="NURTURE_DATABASE_URL"):
        Database(url)
