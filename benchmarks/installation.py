"""An installation to measure: the shipped files, a ledger and a broker of its own, and the real processes."""

import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.parts.broker import Broker, valkey
from benchmarks.parts.postgresql import Server, postgresql
from benchmarks.parts.processor import family, processor_seconds
from benchmarks.parts.running import running, wait_until
from nurture.config.catalogue import Catalogue, load_catalogue
from nurture.config.settings import load_settings
from nurture.store.database import Database

ROOT = Path(__file__).parent.parent
# On a disk: /tmp may be memory, where a commit costs nothing.
_SCRATCH = Path("/var/tmp")  # noqa: S108
_NURTURE = [sys.executable, "-m", "nurture"]
_ALL_WEEK = 'days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]\nopens = "00:00"\ncloses = "23:59"\n'


@dataclass(frozen=True, slots=True)
class Plan:
    """Which database, how many processes deliver, and how many connections each has (0: as it ships)."""

    database: str = "postgresql"
    concurrency: int = 2
    connections: int = 0


@dataclass(frozen=True, slots=True)
class Installation:
    """One that is set up, with nothing running but its database and its broker."""

    folder: Path
    plan: Plan
    environment: dict[str, str]
    database: Database
    catalogue: Catalogue
    broker: Broker
    server: Server | None

    @contextmanager
    def worker(self) -> Iterator[int]:
        """A worker that has come to rest, while the block lasts."""
        command = [*_NURTURE, "worker", "--concurrency", str(self.plan.concurrency)]
        with running(command, self.folder / "log" / "worker.log", self.environment) as pid:
            wait_until(lambda: len(family(pid)) > 1 + self.plan.concurrency, "the worker")
            _rest(pid)
            yield pid

    @contextmanager
    def beat(self, every: float | None = None) -> Iterator[int]:
        """A beat while the block lasts, at the pace that ships unless told otherwise (seconds)."""
        command = [*_NURTURE, "beat", *([] if every is None else ["--every", str(every)])]
        with running(command, self.folder / "log" / "beat.log", self.environment) as pid:
            yield pid

    def log(self, name: str) -> str:
        """What the process of that name has said so far."""
        return (self.folder / "log" / f"{name}.log").read_text(errors="replace")


@contextmanager
def installation(plan: Plan, relay_port: int) -> Iterator[Installation]:
    """An installation with an empty ledger, whose mail goes to that port of this machine."""
    with ExitStack() as block:
        folder = Path(block.enter_context(tempfile.TemporaryDirectory(prefix="nurture-bench-", dir=_SCRATCH)))
        home = _home(folder, plan)
        environment = {
            "NURTURE_HOME": str(home),
            "NURTURE_VAR": str(folder),
            "NURTURE_SECRET_KEY": "benchmark",
            "NURTURE_SMTP_URL": f"smtp://127.0.0.1:{relay_port}?tls=none",
            "NURTURE_PUBLIC_URL": "http://127.0.0.1:8000",
        }
        server = block.enter_context(postgresql(folder)) if plan.database == "postgresql" else None
        broker = block.enter_context(valkey(folder))
        if server:
            environment |= {"NURTURE_DATABASE_URL": server.url, "NURTURE_BROKER_URL": broker.url}
        subprocess.run([*_NURTURE, "upgrade"], env=environment, check=True, capture_output=True)  # noqa: S603
        settings = load_settings(environment)
        database = Database(server.url if server else f"sqlite:///{folder / 'nurture.db'}")
        block.callback(database.close)
        yield Installation(folder, plan, environment, database, load_catalogue(settings), broker, server)


def _home(folder: Path, plan: Plan) -> Path:
    """The shipped files with a window that is never shut, and without limits on signups."""
    home = folder / "home"
    for name in ("config", "templates"):
        shutil.copytree(ROOT / name, home / name)
    settings, campaign = home / "config" / "nurture.toml", home / "config" / "campaigns" / "lumbar-sciatica.toml"
    words = re.sub(r"(?m)^(\w+_(?:a_day|an_hour)) *= *\d+", r"\1 = 1000000", settings.read_text())
    words = re.sub(r"(?m)^holidays = .*", "holidays = []", words)
    if plan.connections:
        words = re.sub(r"(?m)^connections = .*\n", "", words)
        words = words.replace("[worker]\n", f"[worker]\nconnections = {plan.connections}\n")
    settings.write_text(words)
    campaign.write_text(re.sub(r"(?m)^days = .*\nopens = .*\ncloses = .*\n", _ALL_WEEK, campaign.read_text()))
    return home


def _rest(pid: int) -> None:
    """The processes have loaded what they need: for a second they have done nothing."""
    spent = -1.0
    while (now := processor_seconds(pid)) - spent > 0.02:
        spent = now
        time.sleep(1)
