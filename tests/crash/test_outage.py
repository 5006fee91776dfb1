"""PostgreSQL away, stopped or standing still: each process says so once, and mail and pages go on by themselves.

Fails when a visitor waits for a silent server without an end, or when every failed tick and page takes its own lines.
"""

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from nurture.domain.token import Purpose
from nurture.runtime import build_runtime
from tests.crash.cluster import times
from tests.crash.test_postgres import control
from tests.frozen import frozen
from tests.real_installation import RealInstallation, open_real_installation, wait_until

SECONDS = times(12, 7)
# The web process and two of the worker's; beat never asks the ledger.
PROCESSES = 3
# The ledger was asked, and has no such report.
KNOWS = 404


@contextmanager
def stopped(server) -> Iterator[None]:
    # Not as a crash: a busy machine may take longer to recover than the test server is waited for.
    control(server, "-m", "fast", "stop")
    try:
        yield
    finally:
        server.start()


@pytest.fixture
def installation(home, tmp_path, database, database_url) -> Iterator[RealInstallation]:
    """A whole installation on a PostgreSQL of its own."""
    installation = open_real_installation(home, tmp_path / "var", {"NURTURE_DATABASE_URL": database_url})
    yield installation
    installation.stop()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_an_outage_is_one_line_a_process_and_one_at_its_end(installation, postgres_server, figures):
    has_its_report(installation, "before@example.com")
    for away, email in ((stopped, "between@example.com"), (frozen, "after@example.com")):
        before = logged(installation)
        with readers(installation) as statuses:
            wait_until(lambda: statuses[-1:] == [KNOWS], 20)
            with away(postgres_server):
                time.sleep(SECONDS / 2)
                assert page(installation, "/healthz") == (200, "ok")
                assert page(installation, "/readyz") == (503, "unavailable")
                time.sleep(SECONDS / 2)
            wait_until(lambda: statuses[-1:] == [KNOWS], 60)
        has_its_report(installation, email)
        said = [line for file, lines in logged(installation).items() for line in lines[len(before[file]) :]]
        figures(f"{SECONDS} s {away.__name__}: {len(said)} lines of the log, {len(statuses)} readers")
        assert sum("does not answer" in line for line in said) <= PROCESSES, said
        assert sum("answers again" in line for line in said) <= PROCESSES, said
        assert len([line for line in said if " INFO " not in line]) <= 2 * PROCESSES, said
        assert set(statuses) <= {KNOWS, 503}


def has_its_report(installation: RealInstallation, email: str) -> None:
    installation.sign_up(email)
    wait_until(lambda: installation.copies()[email] == 1, 60)


def logged(installation: RealInstallation) -> dict[str, list[str]]:
    """The lines of each process's log."""
    return {file.name: file.read_text().splitlines() for file in (installation.settings.var / "log").glob("*.log")}


def page(installation: RealInstallation, path: str) -> tuple[int, str]:
    """The status, and what a page of health calls it."""
    try:
        with urllib.request.urlopen(f"{installation.site}{path}", timeout=15) as answer:
            return answer.status, json.load(answer)["status"]
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)["status"]


@contextmanager
def readers(installation: RealInstallation) -> Iterator[list[int]]:
    """Somebody opens a report every 0.2 s meanwhile, as the ledger says which; the statuses they get, in order."""
    signing = build_runtime(installation.settings).signing
    url = f"{installation.site}/report/{signing.sign(Purpose.REPORT, 'x' * 20)}"
    statuses: list[int] = []
    over = threading.Event()

    def come() -> None:
        while not over.wait(0.2):
            try:
                urllib.request.urlopen(url, timeout=30)
            except urllib.error.HTTPError as error:
                statuses.append(error.code)

    threads = [threading.Thread(target=come) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        yield statuses
    finally:
        over.set()
        for thread in threads:
            thread.join()
