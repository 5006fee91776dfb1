"""SIGTERM finishes the mail in hand and ends within 30 s, whatever the relay does.

Fails when a worker goes on with the rest of its batch, and when it waits for a relay that never answers.
"""

import signal
import time

import pytest

from nurture.domain.message import MailKind
from tests.crash.ground import at_full_length
from tests.crash.oracle import judge
from tests.transport.scripted_relay import SILENT


def ask_to_end(ground) -> float:
    began = time.monotonic()
    worker = ground.running.pop("worker")
    worker.send_signal(signal.SIGTERM)
    worker.wait(60)
    return time.monotonic() - began


@pytest.fixture
def database_url(tmp_path):
    return f"sqlite:///{tmp_path / 'nurture.db'}"


def test_what_is_in_hand_is_finished_and_the_rest_waits(ground, figures):
    ground.oracle.script["DOT"] = lambda: time.sleep(1) or "250 taken"
    ground.enrol(60)
    ground.start("broker", "beat", "worker")
    while ground.oracle.count() < 3:
        time.sleep(0.05)
    before = ground.oracle.count()
    seconds = ask_to_end(ground)
    figures(f"ended {seconds:.1f} s after SIGTERM")
    assert seconds < 30
    states = ground.states()
    assert set(states) == {"sent"}, states
    # One in each child's hand, and one more that the relay took while we asked.
    assert ground.oracle.count() == states["sent"] <= before + 4
    ground.oracle.script.clear()
    ground.age()
    ground.start("worker")
    ground.drain(60)
    verdict = judge(ground.runtime, ground.oracle)
    assert (verdict.settled, verdict.doubtful) == (60, 0)
    assert verdict.holds(0)


def test_a_relay_that_never_answers_cannot_keep_a_worker(ground, figures):
    at_full_length()
    ground.oracle.script["DOT"] = SILENT
    ground.enrol(1, (MailKind.NURTURE,))
    ground.start("broker", "beat", "worker")
    while ground.states() != {"handed": 1}:
        time.sleep(0.05)
    seconds = ask_to_end(ground)
    figures(f"ended {seconds:.1f} s after SIGTERM")
    assert seconds < 30
    ground.age()
    ground.start("worker")
    ground.drain(60)
    assert ground.states() == {"uncertain": 1}
