"""A copy of the ledger put back among thousands of leads: nobody who signs up meanwhile waits, and a sweep that is
killed in the middle goes on where it stopped, with nothing sent in between.

Fails when all is held in one transaction, when a part of it already counts as the whole, and when a delivery is locked
before its lead.
"""

import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select

from nurture.clock import move_hands
from nurture.domain.message import MailKind
from nurture.domain.retry import Failure
from nurture.service import high_water_mark, restore_guard
from nurture.service.delivery.pipeline import deliver
from nurture.service.high_water_mark import HighWaterMark
from nurture.service.request import Request
from nurture.service.signup import sign_up
from nurture.service.sweep import sweep
from nurture.store.in_doubt import RESTORED
from nurture.store.schema import deliveries, enrolments
from nurture.store.system_state import count_sweep, read_system_state
from nurture.transport.outcome import Failed
from tests.crash.cluster import NOON, Cluster, times
from tests.crash.test_failpoints import queued
from tests.real_installation import wait_until

LONGEST_WAIT = 1.0


def put_back(cluster: Cluster) -> None:
    """As if the ledger were a copy made a day ago, and this machine had swept it since."""
    with cluster.runtime.database.begin() as connection:
        count_sweep(connection, 1, NOON - timedelta(days=1))
        name = read_system_state(connection).name
    high_water_mark.save(cluster.runtime, HighWaterMark(name, 9))


def start_sweep(cluster: Cluster) -> None:
    cluster.start("sweep")
    wait_until(lambda: (mark := high_water_mark.load(cluster.runtime)) is not None and mark.noticed_at is not None, 30)


def held(cluster: Cluster) -> int:
    with cluster.runtime.database.read() as connection:
        counted = select(func.count()).where(deliveries.c.state == "uncertain", deliveries.c.reason == RESTORED)
        return connection.execute(counted).scalar_one()


def is_behind(cluster: Cluster) -> bool:
    with cluster.runtime.database.read() as connection:
        return high_water_mark.is_behind(cluster.runtime, read_system_state(connection))


def ask(cluster: Cluster, number: int) -> float:
    """Seconds until somebody new has signed up."""
    began = time.monotonic()
    sign_up(cluster.runtime, Request(f"new{number}@example.com", "lumbar-sciatica"))
    return time.monotonic() - began


def of_the_new(cluster: Cluster) -> set[str]:
    """The states of the mails of those who asked meanwhile."""
    with cluster.runtime.database.read() as connection:
        states = select(deliveries.c.state).join(enrolments).where(enrolments.c.enrolled_at > NOON)
        return set(connection.execute(states).scalars())


def test_nobody_who_signs_up_waits_while_thousands_are_held(cluster, figures):
    leads = times(50_000, 2_000)
    cluster.enrol(leads)
    put_back(cluster)
    began = time.monotonic()
    start_sweep(cluster)
    move_hands(cluster.clock_file, NOON + timedelta(minutes=1))
    waits, holding = [], cluster.running.pop("sweep")
    while holding.poll() is None:
        waits.append(ask(cluster, len(waits)))
        time.sleep(0.02)
    assert holding.returncode == 0
    line = f"{leads} leads held in {time.monotonic() - began:.0f} s, {len(waits)} signups"
    figures(f"{line}, the slowest took {max(waits) * 1000:.0f} ms")
    assert max(waits) < LONGEST_WAIT
    assert len(waits) > 10
    assert (held(cluster), is_behind(cluster)) == (leads, False)
    assert of_the_new(cluster) == {"queued"}


def test_killed_in_the_middle_it_goes_on_and_sends_nothing_meanwhile(cluster):
    leads = times(10_000, 600)
    cluster.enrol(leads)
    put_back(cluster)
    start_sweep(cluster)
    wait_until(lambda: held(cluster) >= leads // 10, 60)
    cluster.kill("sweep")
    assert held(cluster) < leads
    assert is_behind(cluster)
    move_hands(cluster.clock_file, NOON + timedelta(hours=1))
    ask(cluster, 1)
    with cluster.runtime.database.read() as connection:
        for number in connection.execute(select(deliveries.c.id).where(deliveries.c.state == "queued")).scalars():
            deliver(cluster.runtime, number)
    assert of_the_new(cluster) == {"queued"}
    assert cluster.oracle.count() == 0
    sweep(cluster.runtime)
    assert (held(cluster), is_behind(cluster)) == (leads, False)
    assert of_the_new(cluster) == {"queued"}


class Waiting:
    """A relay that says "later", but only once it is told to."""

    def __init__(self, in_hand: threading.Event, go_on: threading.Event) -> None:
        self.in_hand, self.go_on = in_hand, go_on

    def hand_over(self, mail, before_dot):
        self.in_hand.set()
        assert self.go_on.wait(20)
        return Failed(Failure.DEFERRED, "451 later")

    def close(self):
        """Nothing to let go."""


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_worker_with_mail_in_hand_and_the_hold_do_not_lock_each_other_out(cluster):
    """The hold stops after its first change of a delivery until the worker has the lead's lock, or waits for it."""
    cluster.enrol(1, (MailKind.NURTURE,))
    [number] = queued(cluster)
    in_hand, go_on, locked = threading.Event(), threading.Event(), threading.Event()
    worker = replace(cluster.fork(), transport=Waiting(in_hand, go_on))
    sweeper = cluster.fork()

    def meet(_connection, _cursor, statement, *_):
        if statement.startswith("UPDATE deliveries") and not go_on.is_set():
            go_on.set()
            locked.wait(1)

    def note(_connection, _cursor, statement, *_):
        if go_on.is_set() and "FOR UPDATE" in statement:
            locked.set()

    event.listen(sweeper.database.engine, "after_cursor_execute", meet)
    event.listen(worker.database.engine, "after_cursor_execute", note)
    failed = []
    thread = threading.Thread(target=lambda: failed.extend(errors_of(lambda: deliver(worker, number))))
    thread.start()
    assert in_hand.wait(20)
    put_back(cluster)
    # Time for an article after the one in hand: to write it down, the hold needs the lead's row as well.
    move_hands(cluster.clock_file, NOON + timedelta(days=3))
    failed.extend(errors_of(lambda: restore_guard.begin_sweep(sweeper)))
    thread.join()
    for runtime in (worker, sweeper):
        runtime.database.close()
    assert failed == []
    assert held(cluster) == 2


def errors_of(act) -> list[Exception]:
    try:
        act()
    except Exception as error:
        return [error]
    return []
