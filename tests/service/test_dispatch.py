"""How many deliveries workers are told of, and how often. Fails when a backlog is told of as a whole or once more while
its hints wait, when a lost hint is not found, and when ten thousand ids take more than a few statements.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, func, select

from nurture.contact.phone import Phone
from nurture.domain.delivery_state import DeliveryState
from nurture.domain.message import MailKind
from nurture.service.dispatch import MOST_WAITING, dispatch_new, dispatch_queued, dispatch_ready
from nurture.store.enrolments import NewEnrolment, add_enrolment
from nurture.store.leads import NewLead, add_lead
from nurture.store.schema import deliveries

ANN = NewLead("ann@example.com", "h" * 32, "", Phone(), ZoneInfo("UTC"), frozenset(), "page")


@dataclass
class Broker:
    """Hints wait until the test takes them. One that is away says so."""

    bulk: list[tuple[int, ...]] = field(default_factory=list)
    prompt: list[tuple[int, ...]] = field(default_factory=list)
    is_away: bool = False

    def publish(self, kind: MailKind, ids: tuple[int, ...]) -> bool:
        if not self.is_away:
            self._of(kind).append(ids)
        return not self.is_away

    def waiting(self, kind: MailKind) -> int | None:
        return None if self.is_away else len(self._of(kind))

    def _of(self, kind: MailKind) -> list[tuple[int, ...]]:
        return self.bulk if kind is MailKind.NURTURE else self.prompt


@pytest.fixture
def broker():
    return Broker()


@pytest.fixture
def runtime(any_installation, broker):
    return replace(any_installation.runtime, publish=broker.publish, waiting=broker.waiting)


def queue(runtime, count, kind):
    """The ids of so many queued deliveries."""
    now = runtime.clock()
    with runtime.database.begin() as connection:
        lead, _ = add_lead(connection, ANN, now)
        enrolment = add_enrolment(connection, NewEnrolment(lead.id, "drip", kind), now)
        one = {"enrolment_id": enrolment, "lead_id": lead.id, "kind": kind, "state": DeliveryState.QUEUED}
        one |= {"attempts": 0, "fence": 0, "times_in_doubt": 0, "queued_at": now, "not_before": now}
        connection.execute(deliveries.insert(), [one | {"step": str(number)} for number in range(count)])
        found = select(deliveries.c.id).where(deliveries.c.kind == kind).order_by(deliveries.c.id)
        return list(connection.execute(found).scalars())


def write(runtime, ids=None, **values):
    with runtime.database.begin() as connection:
        concerned = deliveries.update().values(values)
        connection.execute(concerned if ids is None else concerned.where(deliveries.c.id.in_(ids)))


def told(waiting):
    return [each for ids in waiting for each in ids]


def test_bulk_goes_in_large_hints_and_prompt_mail_in_small_ones(runtime, broker):
    bulk, prompt = queue(runtime, 1201, MailKind.NURTURE), queue(runtime, 7, MailKind.VISIT)
    assert dispatch_ready(runtime) == 1208
    assert ([len(ids) for ids in broker.bulk], [len(ids) for ids in broker.prompt]) == ([500, 500, 201], [5, 2])
    assert (told(broker.bulk), told(broker.prompt)) == (bulk, prompt)


def test_a_backlog_waits_in_the_outbox_and_each_of_it_is_told_of_once(runtime, broker):
    bulk = queue(runtime, 1201, MailKind.NURTURE)
    broker.bulk += [(0,)] * (MOST_WAITING - 1)
    assert dispatch_ready(runtime) == 500
    # A slow relay: hours may pass, and their hints still wait.
    write(runtime, bulk[:500], dispatched_at=datetime(2001, 1, 1, tzinfo=UTC))
    assert dispatch_ready(runtime) == 0
    del broker.bulk[: MOST_WAITING - 1]
    assert dispatch_ready(runtime) == 701
    assert told(broker.bulk) == bulk


def test_a_hint_that_no_longer_waits_is_lost_after_a_minute(runtime, broker):
    bulk = queue(runtime, 3, MailKind.NURTURE)
    dispatch_ready(runtime)
    broker.bulk.clear()
    assert dispatch_ready(runtime) == 0
    write(runtime, dispatched_at=datetime(2001, 1, 1, tzinfo=UTC))
    broker.prompt.append((0,))
    assert dispatch_ready(runtime) == 3
    assert told(broker.bulk) == bulk


def test_what_is_new_is_told_of_as_long_as_there_is_room(runtime, broker):
    bulk, prompt = queue(runtime, 700, MailKind.NURTURE), queue(runtime, 1, MailKind.REQUESTED)
    broker.bulk += [(0,)] * (MOST_WAITING - 1)
    assert dispatch_new(runtime, bulk[100:] + prompt) == 501
    assert (broker.bulk[-1], broker.prompt) == (tuple(bulk[100:600]), [tuple(prompt)])
    assert dispatch_new(runtime, bulk[:100]) == 0


def test_nothing_is_dispatched_to_a_broker_that_is_away(runtime, broker):
    queued = queue(runtime, 3, MailKind.NURTURE)
    broker.is_away = True
    assert dispatch_ready(runtime) == 0
    dispatch_queued(runtime, queued)
    with runtime.database.read() as connection:
        dispatched = select(func.count()).where(deliveries.c.dispatched_at.is_not(None))
        assert connection.execute(dispatched).scalar_one() == 0
    broker.is_away = False
    assert dispatch_ready(runtime) == 3


def test_ten_thousand_take_a_few_short_statements(runtime):
    queue(runtime, 10_000, MailKind.NURTURE)
    statements: list[int] = []
    event.listen(runtime.database.engine, "before_cursor_execute", lambda *of: statements.append((of[2], len(of[3]))))
    assert dispatch_ready(runtime) == 10_000
    assert len(statements) < 15
    assert max(given for _, given in statements) < 15
