"""A set is claimed in one transaction, and yet each of its mails is decided as if it came alone."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, text

from nurture.contact.phone import Phone
from nurture.domain.delivery_state import DeliveryState
from nurture.domain.message import MailKind
from nurture.mail.filled import Filler
from nurture.service import high_water_mark
from nurture.service.delivery.build import build
from nurture.service.delivery.claim import claim
from nurture.service.high_water_mark import HighWaterMark
from nurture.store import deliveries, enrolments
from nurture.store.deliveries import NewDelivery
from nurture.store.enrolments import NewEnrolment
from nurture.store.leads import NewLead, add_lead
from nurture.store.suppressions import suppress_lead
from nurture.store.system_state import read_system_state, stop_mail

REPORT, ARTICLE = ("report", MailKind.REQUESTED), ("dry-needling", MailKind.NURTURE)
FIRST, SECOND = "lumbar-sciatica", "second"
UTC = ZoneInfo("UTC")


def due(installation, leads, campaigns=(FIRST,)):
    """The ids of articles that fell due yesterday: one for each of so many leads in each of these campaigns."""
    at = installation.clock.now - timedelta(days=1)
    with installation.runtime.database.begin() as connection:
        return [each for number in range(leads) for each in _due_of_lead(connection, number, campaigns, at)]


def _due_of_lead(connection, number, campaigns, at):
    new = NewLead(f"lead{number}@example.com", f"{number:032d}", "Ann Lee", Phone(), UTC, frozenset(), "page")
    lead, _ = add_lead(connection, new, at)
    for campaign in campaigns:
        started = enrolments.add_enrolment(connection, NewEnrolment(lead.id, campaign, "1"), at - timedelta(days=2))
        news = [NewDelivery(started, lead.id, *step, f"<{started}.{step[0]}@x>") for step in (REPORT, ARTICLE)]
        had, article = (deliveries.queue(connection, new, at) for new in news)
        had_at = {"had": had, "at": f"{at - timedelta(days=1):%Y-%m-%d %H:%M:%S.%f}"}
        connection.execute(text("UPDATE deliveries SET state = 'sent', settled_at = :at WHERE id = :had"), had_at)
        yield article


@pytest.fixture
def two_campaigns(any_installation):
    """An installation whose leads may be in two campaigns at a time."""
    runtime = any_installation.runtime
    first = runtime.catalogue.campaigns[FIRST]
    both = {FIRST: first, SECOND: replace(first, name=SECOND)}
    return replace(any_installation, runtime=replace(runtime, catalogue=replace(runtime.catalogue, campaigns=both)))


def states(installation, ids):
    with installation.runtime.database.read() as connection:
        return [deliveries.delivery_by_id(connection, each).state.value for each in ids]


def ids_of(claimed):
    return [each.delivery.id for each in claimed]


def test_a_set_is_claimed_once_in_the_order_asked_for(any_installation):
    ids = due(any_installation, 3)[::-1]
    claimed = claim(any_installation.runtime, [*ids, ids[0], 999])
    assert ids_of(claimed) == ids
    assert claim(any_installation.runtime, ids) == []
    with any_installation.runtime.database.read() as connection:
        assert [deliveries.delivery_by_id(connection, each) for each in ids] == [each.delivery for each in claimed]


def test_a_lead_gets_one_nurture_mail_of_a_set_and_the_other_tomorrow(two_campaigns):
    ids = due(two_campaigns, 2, (FIRST, SECOND))
    assert ids_of(claim(two_campaigns.runtime, ids)) == [ids[0], ids[2]]
    with two_campaigns.runtime.database.read() as connection:
        put_off = [deliveries.delivery_by_id(connection, each) for each in (ids[1], ids[3])]
    assert {each.state for each in put_off} == {DeliveryState.QUEUED}
    tomorrow = two_campaigns.clock.now.date() + timedelta(days=1)
    assert {each.not_before.date() for each in put_off} == {tomorrow}


def test_a_mail_that_another_worker_has_counts_as_todays(two_campaigns):
    first, second = due(two_campaigns, 1, (FIRST, SECOND))
    assert ids_of(claim(two_campaigns.runtime, [first])) == [first]
    assert claim(two_campaigns.runtime, [second]) == []


def test_who_said_no_is_left_out_of_the_set(any_installation):
    ids = due(any_installation, 3)
    with any_installation.runtime.database.begin() as connection:
        suppress_lead(connection, 2, "unsubscribed", any_installation.clock.now)
    assert ids_of(claim(any_installation.runtime, ids)) == [ids[0], ids[2]]
    assert states(any_installation, ids) == ["claimed", "skipped", "claimed"]


def test_one_that_cannot_be_decided_takes_nobody_along(any_installation, caplog):
    caplog.set_level("CRITICAL")
    ids = due(any_installation, 3)
    with any_installation.runtime.database.begin() as connection:
        connection.execute(text("UPDATE leads SET zone = 'Mars/Base' WHERE id = 2"))
    assert ids_of(claim(any_installation.runtime, ids)) == [ids[0], ids[2]]
    with any_installation.runtime.database.read() as connection:
        assert deliveries.delivery_by_id(connection, ids[1]).reason == "it cannot be decided"


def test_nothing_is_claimed_while_mail_is_stopped_or_the_ledger_is_behind(any_installation):
    runtime, now = any_installation.runtime, any_installation.clock.now
    ids = due(any_installation, 2)
    with runtime.database.begin() as connection:
        stop_mail(connection, now + timedelta(minutes=1), "refused")
    assert claim(runtime, ids) == []
    with runtime.database.begin() as connection:
        stop_mail(connection, None, None)
        ledger = read_system_state(connection)
    high_water_mark.save(runtime, HighWaterMark(ledger.name, ledger.sweeps + 1))
    assert claim(runtime, ids) == []
    assert states(any_installation, ids) == ["queued"] * 2


@contextmanager
def counted(database):
    said = []

    def note(_connection, _cursor, statement, *_):
        said.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield said
    event.remove(database.engine, "before_cursor_execute", note)


def test_a_hundred_mails_are_claimed_and_made_in_ten_statements(any_installation):
    ids, runtime = due(any_installation, 100), any_installation.runtime
    with counted(any_installation.runtime.database) as said:
        assert len(build(runtime, claim(runtime, ids), Filler(runtime.mail_kit).write)) == 100
    assert len([each for each in said if not each.startswith("BEGIN")]) <= 10
