"""kill -9 at any moment: of the whole worker, or of the processes that deliver.

Fails when a lapsed `handed` nurture mail is queued again, when lapsed claims are not, when `handed` is committed
after the dot, and when the sweep does not publish again (see mutants.py).
"""

import os
import random
import signal
import time

from nurture.store.deliveries import CLAIM_LEASE, HANDED_LEASE
from tests.crash.ground import FULL, Ground, at_full_length, times
from tests.crash.oracle import judge

CHILDREN = 2


def live_a_little(ground: Ground, mails: int) -> None:
    """Until so many more mails were taken, or there is nothing to do."""
    goal = ground.oracle.count() + mails
    ends_at = time.monotonic() + 20
    while ground.oracle.count() < goal and time.monotonic() < ends_at:
        time.sleep(0.01)


def settle_all(ground: Ground) -> float:
    """The time to drain after the last kill: the leases are waited for in full, or aged in the short form."""
    lease = max(CLAIM_LEASE, HANDED_LEASE).total_seconds()
    if FULL:
        ground.start("worker")
        return ground.drain(lease + 60)
    ground.age()
    ground.start("worker")
    return ground.drain(60)


def test_the_whole_worker_group_is_killed(ground, figures):
    at_full_length(unless=ground.is_sqlite)
    kills, leads = times(50, 2), times(10_000, 120)
    ground.enrol(leads)
    ground.start("broker", "beat")
    for _ in range(kills):
        ground.start("worker")
        live_a_little(ground, random.randint(1, leads // kills))
        ground.kill("worker")
    seconds = settle_all(ground)
    verdict = judge(ground.runtime, ground.oracle)
    figures(f"{kills} kills, {verdict.settled} sends, drained {seconds:.0f} s after the last, {verdict}")
    assert verdict.settled == leads
    assert verdict.holds(kills, CHILDREN), verdict


def test_children_are_killed(ground, figures):
    at_full_length(unless=not ground.is_sqlite)
    kills, leads = times(200, 3), times(10_000, 120)
    ground.enrol(leads)
    ground.start("broker", "beat", "worker")
    killed = 0
    while killed < kills:
        live_a_little(ground, random.randint(1, max(1, leads // kills)))
        for child in random.sample(ground.children("worker"), 1):
            os.kill(child, signal.SIGKILL)
            killed += 1
    if not FULL:
        ground.kill("worker")
        seconds = settle_all(ground)
    else:
        seconds = ground.drain(HANDED_LEASE.total_seconds() + 60)
    verdict = judge(ground.runtime, ground.oracle)
    figures(f"{killed} kills, {verdict.settled} sends, drained {seconds:.0f} s after the last, {verdict}")
    assert verdict.settled == leads
    assert verdict.holds(kills + 1, CHILDREN), verdict
