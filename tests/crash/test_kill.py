"""kill -9 at any moment: of the whole worker, or of the processes that deliver.

Fails when a lapsed `handed` nurture mail is queued again, when lapsed claims are not, when `handed` is committed
after the dot, and when the sweep does not dispatch again (see mutants.py).
"""

import os
import random
import signal
import time

from nurture.store import claims, hand_over
from tests.crash.cluster import FULL, Cluster, at_full_length, times
from tests.crash.oracle import judge


def live_a_little(cluster: Cluster, mails: int) -> None:
    """Until so many more mails were taken, or there is nothing to do."""
    goal = cluster.oracle.count() + mails
    ends_at = time.monotonic() + 20
    while cluster.oracle.count() < goal and time.monotonic() < ends_at:
        time.sleep(0.01)


def settle_all(cluster: Cluster) -> float:
    """The time to drain after the last kill: the leases are waited for in full, or aged in the short form."""
    lease = max(claims.LEASE, hand_over.LEASE).total_seconds()
    if FULL:
        cluster.start("worker")
        return cluster.drain(lease + 60)
    cluster.age()
    cluster.start("worker")
    return cluster.drain(60)


def test_the_whole_worker_group_is_killed(cluster, figures):
    at_full_length(unless=cluster.is_sqlite)
    kills, leads = times(50, 2), times(10_000, 120)
    cluster.enrol(leads)
    cluster.start("broker", "beat")
    for _ in range(kills):
        cluster.start("worker")
        live_a_little(cluster, random.randint(1, leads // kills))
        cluster.kill("worker")
    seconds = settle_all(cluster)
    verdict = judge(cluster.runtime, cluster.oracle)
    figures(f"{kills} kills, {verdict.settled} sends, drained {seconds:.0f} s after the last, {verdict}")
    assert verdict.settled == leads
    assert verdict.holds(kills, cluster.most_in_doubt), verdict


def test_children_are_killed(cluster, figures):
    at_full_length(unless=not cluster.is_sqlite)
    kills, leads = times(200, 3), times(10_000, 120)
    cluster.enrol(leads)
    cluster.start("broker", "beat", "worker")
    killed = 0
    while killed < kills:
        live_a_little(cluster, random.randint(1, max(1, leads // kills)))
        for child in random.sample(cluster.children("worker"), 1):
            os.kill(child, signal.SIGKILL)
            killed += 1
    if not FULL:
        cluster.kill("worker")
        seconds = settle_all(cluster)
    else:
        seconds = cluster.drain(hand_over.LEASE.total_seconds() + 60)
    verdict = judge(cluster.runtime, cluster.oracle)
    figures(f"{killed} kills, {verdict.settled} sends, drained {seconds:.0f} s after the last, {verdict}")
    assert verdict.settled == leads
    # In the short form the whole worker was killed in the end.
    most = kills * cluster.settings.worker.connections + (0 if FULL else cluster.most_in_doubt)
    assert verdict.holds(most), verdict
