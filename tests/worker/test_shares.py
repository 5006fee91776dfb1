"""A real worker and broker: prompt mail finds a process free, bulk uses all of its own, ticks do not pile up.

Fails when bulk or sweeps may take every process, when a process for bulk stands idle while hints wait, and when every
tick that waited is a sweep of its own.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
import redis

from nurture.domain.message import MailKind
from nurture.local.broker_address import broker_socket
from nurture.runtime import Runtime, with_publisher
from nurture.service.sweep import sweep
from nurture.store.system_state import read_system_state
from nurture.worker.celery_config import bare_app
from nurture.worker.hint import SWEEP
from nurture.worker.open_queues import DRIP_QUEUE, PROMPT_QUEUE, QUEUES, SWEEP_QUEUE, shared_out
from nurture.worker.publisher import Publisher
from tests.crash.cluster import Cluster
from tests.crash.oracle import Oracle
from tests.real_installation import wait_until


def test_a_queue_is_left_out_while_its_share_is_in_hand():
    in_hand = [DRIP_QUEUE, PROMPT_QUEUE, PROMPT_QUEUE, PROMPT_QUEUE]
    queues = shared_out(2, lambda: in_hand)()
    queues.update(QUEUES)
    assert queues.consume(3) == list(QUEUES)
    in_hand += [DRIP_QUEUE, SWEEP_QUEUE]
    assert queues.consume(3) == [PROMPT_QUEUE]


class SlowRelay(Oracle):
    """Takes mail to whoever is called `slow` when the test says so, and notes when it took whose."""

    def __post_init__(self) -> None:
        self.answer, self.held, self.taken = threading.Event(), [], {}
        super().__post_init__()

    def take(self, recipient: str, body: bytes) -> None:
        if recipient.startswith("slow"):
            self.held.append(recipient)
            self.answer.wait(60)
        self.taken[recipient] = time.monotonic()
        super().take(recipient, body)


@pytest.fixture
def relay(tmp_path) -> Iterator[SlowRelay]:
    one = SlowRelay(journal=tmp_path / "journal")
    yield one
    one.answer.set()
    one.close()


@pytest.fixture
def cluster(home, tmp_path, relay) -> Iterator[Cluster]:
    with closing(Cluster(home, tmp_path / "var", f"sqlite:///{tmp_path / 'nurture.db'}", relay)) as opened:
        opened.start("broker")
        yield opened
        relay.answer.set()


def reaching_workers(cluster: Cluster) -> Runtime:
    return with_publisher(cluster.runtime, Publisher(bare_app(cluster.settings, cluster.settings.broker_url)))


def test_prompt_mail_leaves_at_once_while_bulk_hangs_at_a_slow_relay(cluster, relay):
    cluster.start("worker")
    runtime, bulk, asked = reaching_workers(cluster), cluster.settings.worker.concurrency, []
    for number in range(bulk + 1):
        cluster.enrol(1, (MailKind.NURTURE,), prefix=f"slow{number}-")
        sweep(runtime)
    wait_until(lambda: len(relay.held) == bulk, 20)
    for number in range(3):
        cluster.enrol(1, (MailKind.REQUESTED,), prefix=f"quick{number}-")
        sweep(runtime)
        asked.append(time.monotonic())
        wait_until(lambda: len(relay.taken) == len(asked), 20)
    assert max(taken - at for taken, at in zip(relay.taken.values(), asked, strict=True)) < 1
    assert len(relay.held) == bulk
    relay.answer.set()
    cluster.drain(20)


def test_bulk_hints_follow_one_another_without_a_pause(cluster, relay):
    runtime = reaching_workers(cluster)
    for number in range(12):
        cluster.enrol(1, (MailKind.NURTURE,), prefix=f"lead{number}-")
        sweep(runtime)
    cluster.start("worker")
    wait_until(lambda: len(relay.taken) == 12, 30)
    # A look at the broker lasts a second: who waited for its end would take six of them.
    assert max(relay.taken.values()) - min(relay.taken.values()) < 3


def test_ticks_that_waited_are_one_sweep(cluster):
    app = bare_app(cluster.settings, cluster.settings.broker_url)
    for _ in range(20):
        app.send_task(SWEEP, queue=SWEEP_QUEUE)
    cluster.start("worker")
    queue = redis.Redis(unix_socket_path=str(broker_socket(cluster.var / "broker")))
    with closing(queue):
        wait_until(lambda: swept(cluster) > 0 and not queue.exists(f"nurture:{SWEEP_QUEUE}", "nurture:unacked"), 20)
    assert swept(cluster) == 1


def test_a_tick_right_after_a_sweep_need_not_wait_for_the_look_that_left_it_out(cluster):
    """Fails when that look lasts kombu's whole second: ten ticks then take ten seconds."""
    cluster.start("worker")
    app = bare_app(cluster.settings, cluster.settings.broker_url)
    app.send_task(SWEEP, queue=SWEEP_QUEUE)
    wait_until(lambda: swept(cluster) == 1, 20)
    began = time.monotonic()
    for number in range(2, 12):
        app.send_task(SWEEP, queue=SWEEP_QUEUE)
        wait_until(lambda number=number: swept(cluster) == number, 20)
    assert time.monotonic() - began < 5


def swept(cluster: Cluster) -> int:
    with cluster.runtime.database.read() as connection:
        return read_system_state(connection).sweeps
