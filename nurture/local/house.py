"""Which processes make a whole installation on one machine, and when each is ready."""

import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass

from nurture.local.broker import broker_command, wait_for_broker
from nurture.local.processes import Process
from nurture.settings import Settings


@dataclass(frozen=True, slots=True)
class House:
    """An installation to run: its settings, the port of its pages, and what its processes' environment adds.

    `sweep_every` (seconds) overrides beat's pace.
    """

    settings: Settings
    port: int
    environment: dict[str, str]
    sweep_every: float | None = None


def house_processes(house: House) -> list[Process]:
    """The processes to run, in the order in which they need one another."""
    settings, environment = house.settings, house.environment | {"PYTHONUNBUFFERED": "1"}
    nurture = [sys.executable, "-m", "nurture", "--verbose"]
    pace = [] if house.sweep_every is None else ["--every", str(house.sweep_every)]
    inbox_flag = ["--inbox"] if settings.is_captured else []
    processes = []
    if not settings.broker_url:
        processes.append(Process("broker", broker_command(settings.var / "broker"), environment))
    if settings.is_captured:
        inbox = settings.var / "inbox"
        # A port left over from an earlier run would be believed.
        (inbox / "port").unlink(missing_ok=True)
        processes.append(Process("inbox", [*nurture, "inbox", str(inbox)], environment))
    return [
        *processes,
        Process("web", [*nurture, "web", "--port", str(house.port), *inbox_flag], environment),
        Process("worker", [*nurture, "worker"], environment),
        Process("beat", [*nurture, "beat", *pace], environment),
    ]


def ready_checks(house: House) -> dict[str, Callable[[], bool]]:
    """For each process that others need: whether it answers."""
    var = house.settings.var
    return {
        "broker": lambda: wait_for_broker(var / "broker", 0.5),
        "inbox": (var / "inbox" / "port").is_file,
        "web": lambda: _answers(f"http://127.0.0.1:{house.port}/healthz"),
    }


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as response:  # noqa: S310 - our own address
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False
