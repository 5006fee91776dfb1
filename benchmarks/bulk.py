"""Bulk: so many articles fall due at once, and leave by the real worker. What comes out, and what each mail costs."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.installation import Installation, Plan, installation
from benchmarks.ledger import Filling, fill, last_delivery, outcome_since, tried_since
from benchmarks.parts.processor import megabytes, processor_seconds
from benchmarks.parts.relay import Relay, relay

Row = dict[str, object]
# Without any progress for so long, nothing more will come.
_PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Bulk:
    """What to measure: so many mails, by which installation, to a relay that is `delay` seconds away."""

    mails: int
    plan: Plan = field(default_factory=Plan)
    delay: float = 0.0


def measure_bulk(bulk: Bulk) -> Row:
    """One run, from the first mail that is queued to the last that is settled."""
    with ready(bulk) as (installed, sink):
        after = last_delivery(installed.database)
        with installed.worker() as worker:
            parts = {"worker": worker, "broker": installed.broker.pid, "relay": sink.pid}
            parts |= {"database": installed.server.pid} if installed.server else {}
            asked = installed.server.asked() if installed.server else {}
            spent = {name: processor_seconds(pid) for name, pid in parts.items()}
            with installed.beat():
                _await_all(installed, after, bulk.mails)
                spent = {name: processor_seconds(pid) - spent[name] for name, pid in parts.items()}
                memory = {f"{name}_mb": round(megabytes(pid), 1) for name, pid in parts.items() if name != "relay"}
        outcome = outcome_since(installed.database, after)
        asked = {name: count - asked[name] for name, count in installed.server.asked().items()} if asked else {}
    each = max(outcome.tried, 1)
    return {
        "who": "nurture",
        "mails": outcome.tried,
        "seconds": round(outcome.seconds, 3),
        "mails_a_second": round(outcome.tried / outcome.seconds, 1) if outcome.seconds else 0.0,
        **{f"{name}_us": round(seconds / each * 1e6, 1) for name, seconds in spent.items()},
        **{f"{name}_a_mail": round(count / each, 3) for name, count in asked.items()},
        **memory,
        "states": outcome.by_state,
    }


@contextmanager
def ready(bulk: Bulk) -> Iterator[tuple[Installation, Relay]]:
    """The installation with its leads, of whom so many are due, and its relay; nothing of Nurture runs yet."""
    with (
        tempfile.TemporaryDirectory() as folder,
        relay(bulk.delay, Path(folder)) as sink,
        installation(bulk.plan, sink.port) as installed,
    ):
        campaign = installed.catalogue.campaigns["lumbar-sciatica"]
        fill(installed.database, campaign, Filling(bulk.mails, 1, datetime.now(UTC)))
        if installed.server:
            installed.server.settle()
        yield installed, sink


def _await_all(installed: Installation, after: int, mails: int) -> None:
    """Every mail has been tried; raises TimeoutError with the worker's last words when nothing moves any more."""
    tried, moved_at = 0, time.monotonic()
    while tried < mails:
        time.sleep(0.5)
        now = tried_since(installed.database, after)
        if now > tried:
            tried, moved_at = now, time.monotonic()
        elif time.monotonic() - moved_at > _PATIENCE:
            raise TimeoutError(f"{tried} of {mails} mails, then nothing:\n{installed.log('worker')[-2000:]}")
