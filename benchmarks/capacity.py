"""`python -m benchmarks capacity FILE`: what so many mails a day need, if each costs what `bulk --json` measured."""

import argparse
import json
import math
from dataclasses import dataclass
from pathlib import Path

VOLUMES = (1_000_000, 10_000_000, 100_000_000)
#: They leave in so many hours, because people are asleep in the others; and no core may be busier than this.
HOURS, BUSY = 9, 0.7
# As `[worker] connections` ships; how long a relay takes for a mail (s) differs by relay, so it is an option.
CONNECTIONS, RELAY_SECONDS = 10, 0.05


@dataclass(frozen=True, slots=True)
class Cost:
    """Processor time a mail (microseconds), by part, and commits a mail."""

    worker: float
    database: float
    broker: float
    commits: float


@dataclass(frozen=True, slots=True)
class Need:
    """Mails and commits a second, cores by part, and the worker's processes with their connections to the relay."""

    mails: float
    commits: float
    worker: float
    database: float
    broker: float
    processes: int
    connections: int


def read_cost(row: dict[str, float]) -> Cost:
    """The cost in a row of `bulk`. SQLite works in the worker's own processes and counts no commits."""
    parts = [row.get(f"{name}_us", 0.0) for name in ("worker", "database", "broker")]
    return Cost(*parts, row.get("commits_a_mail", 0.0))


def capacity(cost: Cost, mails_a_day: int, relay_seconds: float = RELAY_SECONDS) -> Need:
    """What it takes while they leave: enough cores, and enough connections to keep the relay at its own pace."""
    mails = mails_a_day / (HOURS * 3600)
    worker, database, broker = (mails * each / 1e6 / BUSY for each in (cost.worker, cost.database, cost.broker))
    connections = math.ceil(mails * relay_seconds)
    processes = max(math.ceil(worker), math.ceil(connections / CONNECTIONS))
    return Need(mails, mails * cost.commits, worker, database, broker, processes, connections)


def capacity_command(words: list[str]) -> int:
    """Prints a line for each volume."""
    parser = argparse.ArgumentParser("benchmarks capacity")
    parser.add_argument("file", type=Path)
    parser.add_argument(
        "--relay", type=float, default=RELAY_SECONDS * 1000, metavar="MS", help="of a mail, at the relay"
    )
    chosen = parser.parse_args(words)
    cost = read_cost(json.loads(chosen.file.read_text()))
    print(f"{'mails a day':>12}{'mails/s':>9}{'commits/s':>11}{'worker':>8}{'database':>10}{'broker':>8}", end="")
    print(f"{'processes':>11}{'sockets':>9}")
    for volume in VOLUMES:
        need = capacity(cost, volume, chosen.relay / 1000)
        print(
            f"{volume:>12,}{need.mails:>9,.0f}{need.commits:>11,.1f}{need.worker:>8.2f}{need.database:>10.2f}", end=""
        )
        print(f"{need.broker:>8.2f}{need.processes:>11}{need.connections:>9}")
    return 0
