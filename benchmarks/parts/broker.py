"""A broker of the benchmark's own: the Valkey that comes with Nurture."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.parts.running import running, wait_until
from nurture.local.broker_address import broker_url
from nurture.local.embedded_broker import broker_command, wait_for_broker


@dataclass(frozen=True, slots=True)
class Broker:
    """A broker that runs: its process and its address."""

    pid: int
    url: str


@contextmanager
def valkey(folder: Path) -> Iterator[Broker]:
    """The embedded broker of an installation whose var is that folder, while the block lasts."""
    home = folder / "broker"
    with running(broker_command(home), folder / "log" / "broker.log") as pid:
        wait_until(lambda: wait_for_broker(home, 0.5), "the broker")
        yield Broker(pid, broker_url(home))
