"""A set of enrolments is decided like each of them alone, from no more than has to be read."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import integers
from sqlalchemy import event, select, text

from nurture.service.advance import RETRY_LATER, advance_all, advance_or_retry_later
from nurture.store import enrolments
from nurture.store.enrolment_snapshot import load_enrolments
from nurture.store.enrolments import NewEnrolment, add_enrolment
from nurture.store.leads import lock_lead
from nurture.store.schema import deliveries as delivery_table
from nurture.store.schema import enrolments as enrolment_table
from tests.conftest import MONDAY
from tests.service.any_ledger import write_ledger
from tests.service.full_reading import read_enrolments
from tests.service.test_poison import ask, spoil

ANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
# Of the installation, when a test fails.
pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")


@contextmanager
def any_ledger(installation, seed):
    """A connection to a ledger that is forgotten afterwards, and its enrolments."""
    runtime = installation.runtime
    with runtime.database.engine.connect() as connection, connection.begin() as transaction:
        yield connection, write_ledger(connection, runtime.catalogue, Random(seed))
        transaction.rollback()


def outcome(connection, decide):
    """What the tables say once that was decided; the ledger is as before."""
    written = (delivery_table.c.enrolment_id, delivery_table.c.step, delivery_table.c.state, delivery_table.c.reason)
    with connection.begin_nested() as trial:
        decide()
        mail = select(*written, delivery_table.c.queued_at, delivery_table.c.settled_at).order_by(*written[:2])
        rows = [connection.execute(each).all() for each in (mail, select(enrolment_table).order_by("id"))]
        trial.rollback()
    return rows


@ANY
@given(integers(0, 10**9))
def test_no_more_is_read_than_a_reading_of_everything_finds(any_installation, seed):
    with any_ledger(any_installation, seed) as (connection, ids):
        assert load_enrolments(connection, ids) == read_enrolments(connection, ids)


@ANY
@given(integers(0, 10**9))
def test_a_set_is_decided_like_each_of_it_alone(any_installation, seed):
    runtime = any_installation.runtime
    with any_ledger(any_installation, seed) as (connection, ids):
        together = outcome(connection, lambda: advance_all(connection, runtime, ids, MONDAY))
        alone = outcome(connection, lambda: [advance_all(connection, runtime, [each], MONDAY) for each in ids])
        assert together == alone, f"seed {seed}"


@pytest.fixture
def statements(any_installation) -> Iterator[list[str]]:
    said = list[str]()

    def listen(_connection, _cursor, statement, *_):
        said.append(statement)

    event.listen(any_installation.runtime.database.engine, "before_cursor_execute", listen)
    return said


def test_a_hundred_take_as_many_statements_as_one(any_installation, statements):
    for n in range(101):
        ask(any_installation, f"lead-{n}@example.com")
    any_installation.work()
    any_installation.clock.forward(days=1)
    with any_installation.runtime.database.begin() as connection:
        due = enrolments.lock_due(connection, any_installation.clock.now, 101)
        counts = []
        for ids in (due[:1], due[1:]):
            statements.clear()
            assert len(advance_all(connection, any_installation.runtime, ids, any_installation.clock.now)) == len(ids)
            counts.append(len(statements))
    assert counts == [8, 8]


def test_one_nurture_mail_a_lead_and_day_also_from_one_set(any_installation):
    installation, now = any_installation, MONDAY + timedelta(days=3)
    lead = ask(installation, "ann@example.com").lead
    installation.work()
    with installation.runtime.database.begin() as connection:
        lock_lead(connection, lead.id)
        # Both wait for the same article: the report is not due any more.
        again = add_enrolment(connection, NewEnrolment(lead.id, "lumbar-sciatica", "again"), MONDAY - timedelta(days=3))
        ids = enrolments.active_of_lead(connection, lead.id)
        assert again in ids
        [queued] = advance_all(connection, installation.runtime, ids, now)
    assert queued


def test_an_enrolment_with_mail_under_way_is_looked_at_again_and_never_forgotten(any_installation):
    lead = ask(any_installation, "ann@example.com").lead
    database, now = any_installation.runtime.database, MONDAY
    for hours in range(3):
        with database.begin() as connection:
            [enrolment] = enrolments.enrolments_of_lead(connection, lead.id)
            assert enrolment.due_at == now + RETRY_LATER
            now = MONDAY + timedelta(hours=hours + 1)
            assert enrolments.lock_due(connection, now, 100) == [enrolment.id]
            assert advance_all(connection, any_installation.runtime, [enrolment.id], now) == []


def test_one_that_cannot_be_decided_takes_nobody_along(any_installation, caplog):
    caplog.set_level("CRITICAL")
    for name in ("ann", "odd", "bob", "eve", "zoe"):
        ask(any_installation, f"{name}@example.com")
    any_installation.work()
    spoil(any_installation)
    any_installation.clock.forward(days=1)
    now = any_installation.clock.now
    with any_installation.runtime.database.begin() as connection:
        due = enrolments.lock_due(connection, now, 100)
        assert len(advance_or_retry_later(connection, any_installation.runtime, due, now)) == 4
        [odd] = connection.execute(text("SELECT id FROM leads WHERE zone = 'Mars/Base'")).scalars()
        [left] = enrolments.enrolments_of_lead(connection, odd)
        assert left.due_at == now + RETRY_LATER
