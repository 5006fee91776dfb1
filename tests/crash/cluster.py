"""The cluster under test: real processes on one database, leads by the thousand, and an oracle for a relay."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from nurture.config.settings import Settings, load_settings
from nurture.domain.delivery_state import SETTLED, DeliveryState
from nurture.domain.message import MailKind
from nurture.local.broker_address import broker_url
from nurture.local.embedded_broker import broker_command, wait_for_broker
from nurture.runtime import Runtime, build_runtime
from nurture.store.database import Database
from nurture.store.schema import deliveries, enrolments, leads, visits
from nurture.store.upgrade import upgrade
from nurture.worker.open_queues import processes
from tests.crash.oracle import Oracle

# `make crash` asks for the proof at full length; without it every test shows the same in seconds.
FULL = os.environ.get("CRASH_TESTS") == "full"
NOON = datetime(2026, 3, 3, 18, 0, tzinfo=UTC)  # a Tuesday in Chicago
KINDS = (MailKind.REQUESTED, MailKind.NURTURE, MailKind.VISIT)
_STEPS = {
    MailKind.REQUESTED: ("lumbar-sciatica", "report"),
    MailKind.NURTURE: ("lumbar-sciatica", "dry-needling"),
    MailKind.VISIT: ("discovery-visit", "confirmation"),
}


def times(full: int, short: int) -> int:
    return full if FULL else short


def at_full_length(*, unless: bool = False) -> None:
    """Ends a test that is too long for `make test`, unless this form of it is the one chosen to stand for all."""
    if not (FULL or unless):
        pytest.skip("at full length only: make crash")


@dataclass
class Cluster:
    """One database, one broker, one oracle; processes are started and killed by name."""

    home: Path
    var: Path
    database_url: str
    oracle: Oracle
    smtp_options: str = "tls=none"
    running: dict[str, subprocess.Popen] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.var.mkdir(parents=True, exist_ok=True)
        self.clock_file = self.var / "clock"
        self.clock_file.write_text(NOON.isoformat())
        self.environment = {
            "NURTURE_HOME": str(self.home),
            "NURTURE_VAR": str(self.var),
            "NURTURE_DATABASE_URL": self.database_url,
            "NURTURE_BROKER_URL": broker_url(self.var / "broker"),
            "NURTURE_SMTP_URL": f"smtp://127.0.0.1:{self.oracle.port}?{self.smtp_options}",
            "NURTURE_SECRET_KEY": "crash",
            "NURTURE_CLOCK_FILE": str(self.clock_file),
        }
        self.settings: Settings = load_settings(self.environment)
        self.runtime: Runtime = build_runtime(self.settings)
        upgrade(self.runtime.database)

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def most_in_doubt(self) -> int:
        """How many mails a worker may leave in doubt: one a connection in each process for bulk, one in each other."""
        bulk = self.settings.worker.concurrency
        return bulk * self.settings.worker.connections + processes(bulk) - bulk

    def fork(self) -> Runtime:
        """The runtime for another process or thread: connections of its own."""
        return replace(
            self.runtime, database=Database(self.database_url), transport=build_runtime(self.settings).transport
        )

    # processes

    def start(self, *names: str) -> None:
        for name in names:
            self.running[name] = self._spawn(name)
            if name == "broker":
                assert wait_for_broker(self.var / "broker", 10)

    def _spawn(self, name: str) -> subprocess.Popen:
        nurture = [sys.executable, "-m", "nurture", "--verbose"]
        command = {
            "broker": broker_command(self.var / "broker"),
            "worker": [*nurture, "worker"],
            "sweep": [*nurture, "sweep"],
        }.get(name) or [*nurture, "beat", "--every", "1"]
        with (self.var / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                command, env=os.environ | self.environment, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self, name: str, how: int = signal.SIGKILL) -> None:
        """The process and everything it started get the signal at the same moment."""
        process = self.running.pop(name)
        os.killpg(process.pid, how)
        process.wait(40)

    def children(self, name: str) -> list[int]:
        pid = self.running[name].pid
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [int(child) for child in listed]

    def close(self) -> None:
        for name in list(self.running)[::-1]:
            self.kill(name)
        self.runtime.transport.close()
        self.runtime.database.close()
        self.oracle.close()

    # the ledger

    def enrol(self, count: int, kinds: tuple[MailKind, ...] = KINDS, prefix: str = "lead") -> None:
        """So many leads, the kinds in turn, each with one mail that is due now."""
        ago = NOON - timedelta(days=1, hours=3)
        with self.runtime.database.begin() as connection:
            first = (connection.execute(select(func.max(leads.c.id))).scalar() or 0) + 1
            plan = [(first + index, kinds[index % len(kinds)]) for index in range(count)]
            connection.execute(leads.insert(), [_lead(number, prefix, ago) for number, _ in plan])
            booked = [_visit(number) for number, kind in plan if kind is MailKind.VISIT]
            if booked:
                connection.execute(visits.insert(), booked)
            connection.execute(enrolments.insert(), [_enrolment(number, kind, ago) for number, kind in plan])
            reported = [_reported(number, ago) for number, kind in plan if kind is MailKind.NURTURE]
            if reported:
                connection.execute(deliveries.insert(), reported)
            if connection.dialect.name == "postgresql":
                for table in ("leads", "visits", "enrolments"):
                    connection.execute(
                        text(f"SELECT setval('{table}_id_seq', (SELECT coalesce(max(id), 1) FROM {table}))")  # noqa: S608
                    )

    def age(self) -> None:
        """As if every lease under way had lapsed, and every hint were old; only when nobody works any more."""
        with self.runtime.database.begin() as connection:
            past = datetime(2001, 1, 1, tzinfo=UTC)
            held = deliveries.c.leased_until.is_not(None)
            connection.execute(deliveries.update().where(held).values(leased_until=past))
            connection.execute(deliveries.update().values(dispatched_at=None))

    def unsettled(self) -> int:
        """How many enrolments have nothing settled for the mail that was due, and how many mails are under way."""
        with self.runtime.database.read() as connection:
            under_way = select(func.count()).where(deliveries.c.state.not_in(SETTLED))
            due = select(func.count()).where(enrolments.c.due_at <= self.runtime.clock())
            return connection.execute(under_way).scalar_one() + connection.execute(due).scalar_one()

    def states(self) -> dict[str, int]:
        with self.runtime.database.read() as connection:
            counted = select(deliveries.c.state, func.count()).where(deliveries.c.attempts > 0)
            return dict(connection.execute(counted.group_by(deliveries.c.state)).all())

    def drain(self, seconds: float) -> float:
        """How long it took until nothing was under way; fails when it took longer."""
        began = time.monotonic()
        while self.unsettled():
            assert time.monotonic() - began < seconds, f"not drained: {self.states()}"
            time.sleep(0.2)
        return time.monotonic() - began


def _lead(number: int, prefix: str, at: datetime) -> dict[str, object]:
    email = f"{prefix}{number}@example.com"
    return {
        "id": number,
        "public_id": f"l{number:015d}",
        "email": email,
        "email_hash": f"{number:032d}",
        "name": "Ann Lee",
        "phone": "",
        "zone": "America/Chicago",
        "topics": [],
        "source": "test",
        "created_at": at,
    }


def _visit(number: int) -> dict[str, object]:
    starts_at = NOON + timedelta(days=5)
    times_ = {"starts_at": starts_at, "minutes": 45, "booked_at": NOON}
    return {"id": number, "public_id": f"v{number:015d}", "lead_id": number, "status": "booked", "sequence": 0} | times_


def _enrolment(number: int, kind: MailKind, ago: datetime) -> dict[str, object]:
    campaign, _ = _STEPS[kind]
    is_visit = kind is MailKind.VISIT
    return {
        "id": number,
        "public_id": f"e{number:015d}",
        "lead_id": number,
        "campaign": campaign,
        "occurrence": f"visit-{number}-0" if is_visit else "1",
        "visit_id": number if is_visit else None,
        "visit_sequence": 0 if is_visit else None,
        "enrolled_at": ago if kind is MailKind.NURTURE else NOON,
        "due_at": NOON,
    }


def _reported(number: int, ago: datetime) -> dict[str, object]:
    """The report that a reader of articles has had; no attempt of ours, so it is not judged."""
    return {
        "enrolment_id": number,
        "lead_id": number,
        "step": "report",
        "kind": MailKind.REQUESTED,
        "state": DeliveryState.SENT,
        "attempts": 0,
        "fence": 0,
        "times_in_doubt": 0,
        "queued_at": ago,
        "not_before": ago,
        "settled_at": ago,
    }
