"""The last word before the dot: what has committed when `handed` is written wins, and nothing else is held up by it."""

import random
import threading
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from nurture.contact.phone import Phone
from nurture.domain.consent import HOLDS
from nurture.domain.delivery_state import DeliveryState
from nurture.domain.event import Event, EventKind
from nurture.domain.message import MailKind
from nurture.store import claims, deliveries, enrolments
from nurture.store.deliveries import Delivery, NewDelivery
from nurture.store.enrolments import NewEnrolment
from nurture.store.events import add_event
from nurture.store.hand_over import hand_over, handed
from nurture.store.leads import NewLead, add_lead
from nurture.store.suppressions import suppress_lead

NOW = datetime(2026, 3, 2, 16, 17, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)


@dataclass
class Ready:
    delivery: Delivery
    dated: datetime = NOW
    events_seen: int = 0


def claimed(connection, count, kind=MailKind.NURTURE):
    """So many claimed mails, each of a lead of its own."""
    return claims.claim(connection, [_queued(connection, number, kind) for number in range(count)], NOW)


def _queued(connection, number, kind):
    new = NewLead(f"{number}@example.com", f"{number:032d}", "", Phone(), ZoneInfo("UTC"), frozenset(), "page")
    lead, _ = add_lead(connection, new, NOW)
    started = enrolments.add_enrolment(connection, NewEnrolment(lead.id, "drip", "1"), NOW)
    queued = deliveries.queue(connection, NewDelivery(started, lead.id, "one", kind, f"<{started}@x>"), NOW)
    return deliveries.delivery_by_id(connection, queued)


def read(connection, each):
    return deliveries.delivery_by_id(connection, each.id)


def test_what_was_answered_is_sent_and_what_is_ready_is_handed(database):
    with database.begin() as connection:
        one, two, lost = claimed(connection, 3)
        assert hand_over(connection, [], map(Ready, [one, lost]), LATER) == {one.id, lost.id}
        one, stale = handed(one, NOW), replace(lost, fence=lost.fence - 1)
        assert hand_over(connection, [one, stale], [Ready(two, LATER)], LATER) == {two.id}
        assert read(connection, one) == replace(one, state=DeliveryState.SENT, settled_at=LATER)
        assert read(connection, two) == handed(two, LATER)
        assert read(connection, lost) == handed(lost, NOW)
        assert hand_over(connection, [handed(two, LATER)], [], LATER) == set()
        assert read(connection, two).state is DeliveryState.SENT


def test_nothing_said_changes_nothing(database):
    with database.begin() as connection:
        assert hand_over(connection, [], [], NOW) == set()


@pytest.mark.parametrize("kind", MailKind)
@pytest.mark.parametrize("reason", HOLDS)
def test_what_holds_an_address_back_since_the_claim_holds_back_its_kinds(database, reason, kind):
    with database.begin() as connection:
        one, other = claimed(connection, 2, kind)
        if reason == "no_address":
            connection.execute(text("UPDATE leads SET email = NULL, email_hash = NULL WHERE id = 1"))
        else:
            suppress_lead(connection, one.lead_id, reason, LATER)
        is_held = kind in HOLDS[reason]
        gone = hand_over(connection, [], map(Ready, [one, other]), LATER)
        assert gone == ({other.id} if is_held else {one.id, other.id})
        freed = replace(one, state=DeliveryState.QUEUED, attempts=0)
        assert read(connection, one) == (freed if is_held else handed(one, NOW))


@pytest.mark.parametrize("kind", [EventKind.VISIT_BOOKED, EventKind.VISIT_CANCELLED, EventKind.REPLIED])
def test_a_lead_who_was_heard_of_since_the_claim_is_decided_on_anew(database, kind):
    with database.begin() as connection:
        one, other, known = claimed(connection, 3)
        add_event(connection, Event(kind, one.lead_id, LATER))
        add_event(connection, Event(kind, known.lead_id, LATER))
        ready = [Ready(one), Ready(other), Ready(known, events_seen=1)]
        assert hand_over(connection, [], ready, LATER) == {other.id, known.id}
        assert read(connection, one) == replace(one, state=DeliveryState.QUEUED, attempts=0)


def test_an_unsubscribe_that_has_committed_when_handed_is_written_wins(database):
    """Raced: a mail that was handed was handed by a statement that began before the unsubscribe had committed."""
    with database.begin() as connection:
        ready = claimed(connection, 60)
    gone, late = 0, 0
    for each in ready:
        began_at, committed_at, was_handed = race(database, each)
        gone += was_handed
        late += was_handed and committed_at < began_at
    assert late == 0
    assert 0 < gone < len(ready)


def race(database, delivery):
    """When the statement began and when the unsubscribe had committed (ns), and whether the mail was handed."""
    gate, committed, head_start = threading.Barrier(2), [], random.uniform(-0.004, 0.004)

    def unsubscribe():
        gate.wait()
        time.sleep(max(0.0, head_start))
        with database.begin() as connection:
            suppress_lead(connection, delivery.lead_id, "unsubscribed", NOW)
        committed.append(time.monotonic_ns())

    thread = threading.Thread(target=unsubscribe)
    thread.start()
    gate.wait()
    time.sleep(max(0.0, -head_start))
    with database.begin() as connection:
        began_at = time.monotonic_ns()
        was_handed = bool(hand_over(connection, [], [Ready(delivery)], NOW))
    thread.join()
    return began_at, committed[0], was_handed


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_statement_is_planned_once_however_many_mails_it_is_for(database):
    """To plan it takes longer than to carry it out, and the server does so each time that it thinks it pays."""
    with database.begin() as connection:
        ready = claimed(connection, 24)
        for start in range(0, len(ready), 2):
            done = [handed(each, NOW) for each in ready[max(0, start - 2) : start]]
            hand_over(connection, done, map(Ready, ready[start : start + 2]), NOW)
        plans = "SELECT max(generic_plans) FROM pg_prepared_statements WHERE statement LIKE '%''handed''%'"
        assert connection.execute(text(plans)).scalar_one() > 0
