"""SIGTERM finishes the mail in hand and ends within 30 s, whatever the relay does.

Fails when a worker goes on with the rest of its batch, and when it waits for a relay that never answers.
"""

import signal
import time

import pytest

from nurture.domain.message import MailKind
from tests.crash.cluster import at_full_length
from tests.crash.oracle import judge
from tests.transport.scripted_relay import SILENT


def ask_to_end(cluster) -> float:
    began = time.monotonic()
    worker = cluster.running.pop("worker")
    worker.send_signal(signal.SIGTERM)
    worker.wait(60)
    return time.monotonic() - began


@pytest.fixture
def database_url(tmp_path):
    return f"sqlite:///{tmp_path / 'nurture.db'}"


def test_what_is_in_hand_is_finished_and_the_rest_waits(cluster, figures):
    cluster.oracle.script["DOT"] = lambda: time.sleep(1) or "250 taken"
    cluster.enrol(120)
    cluster.start("broker", "beat", "worker")
    while cluster.oracle.count() < 3:
        time.sleep(0.05)
    before = cluster.oracle.count()
    seconds = ask_to_end(cluster)
    figures(f"ended {seconds:.1f} s after SIGTERM")
    assert seconds < 30
    states = cluster.states()
    assert set(states) == {"sent"}, states
    # One on each connection of the processes for bulk, one in the hand of each other, and what went while we asked.
    assert cluster.oracle.count() == states["sent"] <= before + 2 * cluster.settings.worker.connections + 4
    cluster.oracle.script.clear()
    cluster.age()
    cluster.start("worker")
    cluster.drain(60)
    verdict = judge(cluster.runtime, cluster.oracle)
    assert (verdict.settled, verdict.in_doubt) == (120, 0)
    assert verdict.holds(0)


def test_a_relay_that_never_answers_cannot_keep_a_worker(cluster, figures):
    at_full_length()
    cluster.oracle.script["DOT"] = SILENT
    cluster.enrol(1, (MailKind.NURTURE,))
    cluster.start("broker", "beat", "worker")
    while cluster.states() != {"handed": 1}:
        time.sleep(0.05)
    seconds = ask_to_end(cluster)
    figures(f"ended {seconds:.1f} s after SIGTERM")
    assert seconds < 30
    cluster.age()
    cluster.start("worker")
    cluster.drain(60)
    assert cluster.states() == {"uncertain": 1}
