"""How long the page takes to answer a signup, by what is known of the address; all interleaved, over HTTP."""

import http.client
import json
import random
import re
import shutil
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from benchmarks.cost import ROOT
from nurture.config.settings import load_settings
from nurture.local.installation import Installation, processes_of, ready_checks
from nurture.local.port import listen, port_of
from nurture.local.supervisor import Supervisor
from nurture.runtime import build_runtime
from nurture.service.request import Request
from nurture.service.signup import add_by_hand, sign_up
from nurture.store.suppressions import suppress_lead

#: What we promise on an idle machine: how far the medians may lie apart (milliseconds), over so many of each sort.
MOST_APART, EACH = 0.5, 2000
NEW, KNOWN, LIMITED, SUPPRESSED = "new", "known", "limited", "suppressed"
# Enough at once to be done in time, and few enough to leave the machine idle in between.
_CLIENTS = 4
_PROCESSES = ("broker", "web")

Job = tuple[str, str]


def measure_answers(each: int) -> dict[str, float]:
    """The median time (milliseconds) to the end of an answer, for so many addresses of each sort."""
    with tempfile.TemporaryDirectory() as folder:
        home = _home(Path(folder))
        environment = {"NURTURE_HOME": str(home), "NURTURE_VAR": str(home / "var")}
        with _serving(environment) as port:
            _prepare(environment, each)
            jobs = list(_jobs(each))
            # In no order: none of them always follows another that left the machine warm or busy.
            random.Random(1).shuffle(jobs)  # noqa: S311
            with ThreadPoolExecutor(_CLIENTS) as pool:
                parts = pool.map(lambda start: _ask(port, jobs[start::_CLIENTS]), range(_CLIENTS))
                took = [pair for part in parts for pair in part]
    by_sort = defaultdict[str, list[float]](list)
    for sort, seconds in took:
        by_sort[sort].append(seconds * 1000)
    return {sort: statistics.median(times) for sort, times in by_sort.items()}


def apart(medians: dict[str, float]) -> float:
    """How far the medians lie apart (milliseconds)."""
    return max(medians.values()) - min(medians.values())


def missed_answers(medians: dict[str, float], most: float = MOST_APART) -> list[str]:
    """A sentence when the medians lie further apart than `most` milliseconds."""
    told = ", ".join(f"{sort} {median:.2f} ms" for sort, median in medians.items())
    return [f"signups are not answered alike: {told}"] if apart(medians) > most else []


def _home(folder: Path) -> Path:
    """An installation where one mailbox gets a report once, and where nothing else is limited."""
    for name in ("config", "templates"):
        shutil.copytree(ROOT / name, folder / name)
    file = folder / "config" / "nurture.toml"
    file.write_text(re.sub(r"(?m)^(mails_a_day|\w+_an_hour) *= *\d+", r"\1 = 1000000", file.read_text()))
    return folder


@contextmanager
def _serving(environment: dict[str, str]) -> Iterator[int]:
    """The port of pages that run with their broker; nobody takes the mail, so that nothing else is busy."""
    settings = load_settings(environment)
    with listen("127.0.0.1", 0) as listener:
        installation = Installation(settings, listener, environment)
        processes = [each for each in processes_of(installation) if each.name in _PROCESSES]
        with Supervisor(processes, settings.var / "log", restart=False) as supervisor:
            supervisor.start({name: ready_checks(installation)[name] for name in _PROCESSES})
            yield port_of(listener)


def _prepare(environment: dict[str, str], each: int) -> None:
    """One lead and one mailbox had the report today, and so many leads complained of our mail."""
    runtime = build_runtime(load_settings(environment))
    front = runtime.catalogue.front.name
    sign_up(runtime, Request("known@example.com", front))
    for number in range(each):
        lead = add_by_hand(runtime, Request(f"suppressed{number}@example.com", "")).lead  # type: ignore[union-attr]
        with runtime.database.begin() as connection:
            suppress_lead(connection, lead.id, "complained", runtime.clock())
    runtime.database.close()


def _jobs(each: int) -> Iterator[Job]:
    for number in range(each):
        yield NEW, f"new{number}@example.com"
        yield KNOWN, "known@example.com"
        yield LIMITED, f"mailbox+{number}@example.com"
        yield SUPPRESSED, f"suppressed{number}@example.com"


def _ask(port: int, jobs: list[Job]) -> list[tuple[str, float]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    took = []
    for sort, email in jobs:
        body = json.dumps({"email": email})
        began = time.perf_counter()
        connection.request("POST", "/signup", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        took.append((sort, time.perf_counter() - began))
        if answer.status != 200:
            raise RuntimeError(f"the page answered {answer.status} to a signup")
    connection.close()
    return took
