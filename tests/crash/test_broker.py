"""The broker flushed, killed, stopped and filled while people sign up: every report arrives once, nobody waits.

Fails when the sweep does not dispatch again what was dispatched before, when a worker gives up on a broker that is
away, keeps a slot for a hint that it could not acknowledge or ends over one that is none, and when a signup waits for
the broker.
"""

import base64
import itertools
import json
import random
import signal
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from uuid import UUID

import pytest
import redis
from sqlalchemy import Connection

from nurture.domain.message import MailKind
from nurture.local.broker_address import broker_socket
from nurture.runtime import build_runtime
from nurture.store.schema import deliveries
from nurture.worker.open_queues import processes
from tests.crash.cluster import FULL, Cluster, times
from tests.crash.oracle import judge
from tests.real_installation import RealInstallation, open_real_installation, wait_until

RESUME = 90


@pytest.fixture(scope="module")
def installation(home, tmp_path_factory) -> Iterator[RealInstallation]:
    opened = open_real_installation(home, tmp_path_factory.mktemp("installation") / "var")
    yield opened
    opened.stop()


class Signups:
    """People who sign up twice a second, and how long the page took for each (seconds)."""

    def __init__(self, installation: RealInstallation, name: str) -> None:
        self.installation, self.name, self.seconds, self.asked = installation, name, [], []

    @contextmanager
    def go_on(self) -> Iterator[None]:
        stop = threading.Event()
        thread = threading.Thread(target=self._ask, args=(stop,))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def _ask(self, stop: threading.Event) -> None:
        for number in itertools.count(len(self.asked)):
            if stop.wait(0.5):
                return
            email = f"{self.name}{number}@example.com"
            self.seconds.append(self.installation.sign_up(email))
            self.asked.append(email)

    def p99(self) -> float:
        return statistics.quantiles(self.seconds, n=100, method="inclusive")[98]

    def served(self) -> Callable[[], bool]:
        """Whether everyone who has asked by now has a report."""
        asked = set(self.asked)
        return lambda: asked <= set(self.installation.copies())


def client(installation: RealInstallation) -> redis.Redis:
    return redis.Redis(unix_socket_path=str(broker_socket(installation.settings.var / "broker")))


@contextmanager
def ledger(installation: RealInstallation) -> Iterator[Connection]:
    """A transaction of the test's own."""
    with closing(build_runtime(installation.settings).database) as database, database.begin() as connection:
        yield connection


def flushed(installation: RealInstallation) -> None:
    """The worker stands still meanwhile, or it would have taken every hint before the broker is emptied."""
    with ledger(installation):
        # While the ledger is ours: a worker stopped in the middle of a transaction would keep everyone from writing.
        installation.supervisor.kill("worker", signal.SIGSTOP)
        time.sleep(0.1)
    time.sleep(3)
    with client(installation) as broker:
        assert sum(broker.llen(queue) for queue in broker.scan_iter(_type="LIST")) > 1
        broker.flushall()
    if not FULL:
        hints_grow_old(installation)
    installation.supervisor.kill("worker", signal.SIGCONT)


def hints_grow_old(installation: RealInstallation) -> None:
    """As if the minute had passed after which a delivery is dispatched again."""
    with ledger(installation) as connection:
        dispatched = deliveries.c.dispatched_at.is_not(None)
        connection.execute(deliveries.update().where(dispatched).values(dispatched_at=datetime(2001, 1, 1, tzinfo=UTC)))


def killed(installation: RealInstallation) -> None:
    installation.supervisor.kill("broker", signal.SIGKILL)
    time.sleep(times(120, 4))
    while "broker" not in installation.supervisor.alive():
        installation.supervisor.tend()
        time.sleep(0.2)


def frozen(installation: RealInstallation) -> None:
    installation.supervisor.kill("broker", signal.SIGSTOP)
    time.sleep(times(90, 5))
    installation.supervisor.kill("broker", signal.SIGCONT)


def full(installation: RealInstallation) -> None:
    with client(installation) as broker:
        broker.config_set("maxmemory", 1)
        time.sleep(times(60, 4))
        broker.config_set("maxmemory", 0)


HARMS = [(flushed, (10, 1)), (killed, (20, 1)), (frozen, (3, 1)), (full, (5, 1))]


@pytest.mark.parametrize(("harm", "often"), HARMS, ids=lambda harm: getattr(harm, "__name__", ""))
def test_every_report_arrives_once_whatever_the_broker_suffers(installation, harm, often, figures):
    signups, resumed = Signups(installation, harm.__name__), []
    with signups.go_on():
        for _ in range(times(*often)):
            harm(installation)
            resumed.append(wait_until(signups.served(), RESUME))
    wait_until(signups.served(), RESUME)
    copies = {name: count for name, count in installation.copies().items() if name.startswith(harm.__name__)}
    line = f"{len(resumed)} times, {len(signups.asked)} signups, p99 {signups.p99() * 1000:.0f} ms"
    figures(f"{line}, slowest {max(signups.seconds) * 1000:.0f} ms, resumed after at most {max(resumed):.1f} s")
    assert copies == dict.fromkeys(signups.asked, 1)
    assert signups.p99() < 1


def test_a_broker_that_dies_while_every_slot_is_busy(tmp_path, home, oracle, figures):
    answer = threading.Event()
    oracle.script["DOT"] = lambda: "250 taken" if answer.wait(30) else None
    with closing(Cluster(home, tmp_path / "var", f"sqlite:///{tmp_path / 'nurture.db'}", oracle)) as cluster:
        cluster.start("broker", "beat", "worker")
        bulk = cluster.settings.worker.concurrency
        slots = processes(bulk)
        for number in range(slots):
            # One at a time, so that each has a hint of its own.
            kind = MailKind.NURTURE if number < bulk else MailKind.REQUESTED
            cluster.enrol(1, (kind,), prefix=f"first{number}-")
            wait_until(lambda handed=number + 1: cluster.states() == {"handed": handed}, 30)
        cluster.kill("broker")
        answer.set()
        wait_until(lambda: cluster.states() == {"sent": slots}, 30)
        # Every slot has told the worker that it is done, and it could tell nobody.
        time.sleep(1)
        cluster.start("broker")
        cluster.enrol(20, prefix="later")
        figures(f"resumed after {cluster.drain(RESUME):.1f} s")
        assert judge(cluster.runtime, oracle).holds(0)


TAGS = (f"tag-{number}" for number in itertools.count())


def message(**changes) -> bytes:
    """A hint as Nurture sends it, but for the changes."""
    headers = {"lang": "py", "task": "nurture.deliver", "id": str(UUID(int=1)), "argsrepr": "", "kwargsrepr": ""}
    where = {"exchange": "prompt", "routing_key": "prompt"}
    properties = {"delivery_tag": next(TAGS), "body_encoding": "base64", "delivery_info": where, "delivery_mode": 2}
    whole = {
        "body": base64.b64encode(json.dumps([[[1]], {}, {}]).encode()).decode(),
        "content-type": "application/json",
        "content-encoding": "utf-8",
        "headers": headers | changes.pop("headers", {}),
        "properties": properties | changes.pop("properties", {}),
    }
    return json.dumps(whole | changes).encode()


def body(value) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


def changed(part: str, value) -> bytes:
    return json.dumps(json.loads(message()) | {part: value}).encode()


ODD_HEADERS = [{"stamped_headers": 5}, {"eta": "2040-01-01T00:00:00+00:00"}, {"id": [1]}]
NO_MESSAGES = [
    *(b"", b"null", b"true", b"0", b'"word"', b"[]", b"{}", b"[" * 100_000, b"1" * 10_000, b'{"properties": {}}'),
    random.Random(11).randbytes(200),
    *(message(properties={name: wrong}) for name in ("delivery_tag", "delivery_info") for wrong in (None, [], {})),
    message(properties={"body_encoding": "rot13"}),
    *(message(headers={"task": wrong}) for wrong in (None, 7, [], {}, "somebody.elses")),
    *(message(headers={name: wrong}) for name in ("eta", "expires") for wrong in ([], "word")),
    *(changed(part, wrong) for part in ("headers", "properties") for wrong in (None, 7, "word", [])),
    *(changed("content-type", wrong) for wrong in ("application/x-python-serialize", "word", 7)),
    *(message(body=wrong) for wrong in ("!!!", 7, [1])),
]
# Messages, and nothing that Nurture publishes.
NO_HINTS = [
    *(
        message(headers={"task": f"celery.{name}"})
        for name in ("group", "chord", "chord_unlock", "chain", "backend_cleanup")
    ),
    *(message(headers={"task": "nurture.sweep", **odd}, body=body([[], {}, {}])) for odd in ODD_HEADERS),
    message(headers={"task": "nurture.sweep"}),
    *(message(body=body(wrong)) for wrong in ("word", [], [[], {}], [[[1]], 7, {}], [[[1]], {"more": 1}, {}])),
    *(message(body=body([wrong, {}, {}])) for wrong in (None, 7, [], [["one"]], [[None]], [[1], 2], [[2**80]])),
    *(
        message(body=body([wrong, {}, {}]))
        for wrong in ([1], [None], [[]], [[1.5]], [[True]], [[0]], [list(range(1, 502))])
    ),
]


def test_what_is_no_hint_is_dropped_with_a_line_and_the_worker_goes_on(tmp_path, home, oracle):
    queues = ("nurture:prompt", "nurture:sweep", "nurture:drip")
    with closing(Cluster(home, tmp_path / "var", f"sqlite:///{tmp_path / 'nurture.db'}", oracle)) as cluster:
        cluster.start("broker", "worker")
        with redis.Redis(unix_socket_path=str(broker_socket(cluster.var / "broker"))) as broker:

            def push(elements: list[bytes]) -> str:
                for queue in queues:
                    broker.lpush(queue, *elements)
                wait_until(lambda: not any(map(broker.llen, queues)) and not broker.hlen("nurture:unacked"), 60)
                return (cluster.var / "worker.log").read_text()

            elements = NO_MESSAGES + NO_HINTS
            log = push(elements)
            said = log.count("is no message") + log.count("Received ")
            assert (said, log.count("Traceback")) == (len(queues) * len(elements), 0)
        cluster.enrol(4)
        cluster.start("beat")
        cluster.drain(30)
        assert cluster.running["worker"].poll() is None
    assert judge(cluster.runtime, oracle).holds(0)
