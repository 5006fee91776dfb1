"""One sweep at a time, and the first mails leave long before the last is decided."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from nurture.contact.phone import Phone
from nurture.service.sweep import BATCH, Sweep, sweep
from nurture.store.enrolments import NewEnrolment, add_enrolment
from nurture.store.leads import NewLead, add_lead
from nurture.store.schema import deliveries, system_state
from nurture.store.system_state import count_sweep, go_on_sweeping, read_system_state
from nurture.store.types import database_now
from tests.conftest import MONDAY


@pytest.fixture
def runtime(any_installation):
    """Of an installation in which two sets and one more are due."""
    with any_installation.runtime.database.begin() as connection:
        for n in range(2 * BATCH + 1):
            new = NewLead(f"{n}@example.com", f"{n}", "", Phone(), ZoneInfo("UTC"), frozenset(), "page")
            lead, _ = add_lead(connection, new, MONDAY)
            add_enrolment(connection, NewEnrolment(lead.id, "lumbar-sciatica", "1"), MONDAY)
    return any_installation.runtime


def begin_another(runtime):
    """Some other process is at a sweep from now on."""
    with runtime.database.begin() as connection:
        number = read_system_state(connection).sweeps + 1
        count_sweep(connection, number, MONDAY)
        assert go_on_sweeping(connection, number, MONDAY)
    return number


def lease(runtime):
    with runtime.database.read() as connection:
        return connection.execute(select(system_state.c.sweeping_until)).scalar_one()


def test_a_sweep_leaves_everything_to_the_one_at_work(runtime):
    number = begin_another(runtime)
    assert sweep(runtime) == Sweep()
    with runtime.database.read() as connection:
        assert read_system_state(connection).sweeps == number


def test_a_sweep_that_was_killed_keeps_the_next_back_for_seconds(runtime):
    begin_another(runtime)
    with runtime.database.begin() as connection:
        [left] = connection.execute(select(system_state.c.sweeping_until, database_now())).all()
        assert 0 < (left[0] - left[1]).total_seconds() < 20
        connection.execute(system_state.update().values(sweeping_until=MONDAY.replace(year=2020)))
    assert sweep(runtime).decided == 2 * BATCH + 1
    assert lease(runtime) is None


def test_a_sweep_that_was_taken_for_dead_leaves_the_rest_to_the_next(runtime):
    def publish(_kind, _ids):
        return begin_another(runtime) > 0

    assert sweep(replace(runtime, publish=publish)).decided == BATCH
    assert lease(runtime) is not None


def test_one_that_breaks_off_keeps_nobody_back(runtime):
    def publish(_kind, _ids):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        sweep(replace(runtime, publish=publish))
    assert sweep(runtime).decided == BATCH + 1


def test_workers_are_told_of_each_set_before_the_next_is_decided(runtime):
    decided = []

    def publish(_kind, ids):
        with runtime.database.read() as connection:
            count = connection.execute(select(func.count()).select_from(deliveries)).scalar_one()
        decided.extend([count] * len(ids))
        return True

    assert sweep(replace(runtime, publish=publish)).dispatched == 2 * BATCH + 1
    assert decided == [BATCH] * BATCH + [2 * BATCH] * BATCH + [2 * BATCH + 1]
