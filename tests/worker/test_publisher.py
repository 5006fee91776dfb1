"""Hints through a real broker: one connection for all of them, and a caller who never waits or falls over.

Fails when each hint opens a connection, when one that died idle costs a hint, and when a child of a fork writes into
that of its parent.
"""

import multiprocessing
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import redis

from nurture.domain.message import MailKind
from nurture.local.broker_address import broker_socket, broker_url
from nurture.local.embedded_broker import broker_command, wait_for_broker
from nurture.worker.celery_config import bare_app
from nurture.worker.publisher import Publisher

BULK, PROMPT = MailKind.NURTURE, MailKind.REQUESTED


@pytest.fixture
def process(tmp_path) -> Iterator[subprocess.Popen]:
    started = subprocess.Popen(broker_command(tmp_path / "b"), stdout=subprocess.DEVNULL)
    assert wait_for_broker(tmp_path / "b", 5)
    yield started
    started.kill()
    started.wait(5)


@pytest.fixture
def publisher(settings, tmp_path, process) -> Publisher:
    return Publisher(bare_app(settings, broker_url(tmp_path / "b")))


@pytest.fixture
def client(tmp_path, process) -> Iterator[redis.Redis]:
    with redis.Redis(unix_socket_path=str(broker_socket(tmp_path / "b"))) as opened:
        yield opened


@contextmanager
def within(seconds: float) -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds


def test_a_hint_is_one_command_on_a_connection_that_is_kept(publisher, client):
    publisher.publish(PROMPT, (1, 2))
    before = client.info("stats")
    assert publisher.publish(PROMPT, (3,))
    after = client.info("stats")
    assert after["total_connections_received"] == before["total_connections_received"]
    # The hint, and our question.
    assert after["total_commands_processed"] - before["total_commands_processed"] <= 2
    assert [publisher.waiting(kind) for kind in (BULK, PROMPT)] == [0, 2]


def test_a_connection_that_died_idle_costs_no_hint(publisher, client):
    publisher.publish(BULK, (1,))
    client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    assert publisher.publish(BULK, (2,))
    assert publisher.waiting(BULK) == 2


def test_a_broker_that_is_frozen_or_gone_costs_less_than_a_second(publisher, process):
    publisher.publish(BULK, (1,))
    process.send_signal(signal.SIGSTOP)
    for _ in range(2):
        with within(1):
            assert not publisher.publish(BULK, (2,))
    assert publisher.waiting(BULK) is None
    process.send_signal(signal.SIGCONT)
    assert publisher.publish(BULK, (3,))
    process.kill()
    process.wait(5)
    with within(1):
        assert not publisher.publish(BULK, (4,))


def test_each_process_has_a_connection_of_its_own(publisher, client):
    publisher.publish(BULK, (1,))
    child = multiprocessing.get_context("fork").Process(target=lambda: os._exit(not publisher.publish(BULK, (2,))))
    child.start()
    child.join(10)
    assert child.exitcode == 0
    assert publisher.publish(BULK, (3,))
    assert publisher.waiting(BULK) == 3
