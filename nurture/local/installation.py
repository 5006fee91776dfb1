"""Which processes make a whole installation on one machine, and when each is ready."""

import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass

from nurture.config.settings import Settings
from nurture.local.embedded_broker import broker_command, wait_for_broker
from nurture.local.port import neighbour, port_of
from nurture.local.supervisor import Process


@dataclass(frozen=True, slots=True)
class Installation:
    """An installation to run: its settings, where its pages listen, and what its processes' environment adds.

    Whoever runs it holds the listening socket: nobody else gets the port, and while the web process starts anew its
    visitors wait. `sweep_every` (seconds) overrides beat's pace.
    """

    settings: Settings
    listener: socket.socket
    environment: dict[str, str]
    sweep_every: float | None = None

    @property
    def site(self) -> str:
        """The address of the pages on this machine."""
        return f"http://127.0.0.1:{port_of(self.listener)}"


def processes_of(installation: Installation) -> list[Process]:
    """The processes to run, in the order in which they need one another."""
    settings, environment = installation.settings, installation.environment | {"PYTHONUNBUFFERED": "1"}
    nurture = [sys.executable, "-m", "nurture", "--verbose"]
    pace = [] if installation.sweep_every is None else ["--every", str(installation.sweep_every)]
    handed = installation.listener.fileno()
    web = [*nurture, "web", "--listener", str(handed), *(["--inbox"] if settings.keeps_mail else [])]
    processes = []
    if not settings.broker_url:
        processes.append(Process("broker", broker_command(settings.var / "broker"), environment))
    if settings.is_captured:
        # A port left over from an earlier run would be believed.
        (settings.inbox / "port").unlink(missing_ok=True)
        processes.append(Process("inbox", [*nurture, "inbox", str(settings.inbox)], environment))
    return [
        *processes,
        Process("web", web, environment, files=(handed,)),
        Process("worker", [*nurture, "worker"], environment),
        Process("beat", [*nurture, "beat", *pace], environment),
    ]


def ready_checks(installation: Installation) -> dict[str, Callable[[], bool]]:
    """For each process that others need: whether it answers."""
    var = installation.settings.var
    return {
        "broker": lambda: wait_for_broker(var / "broker", 0.5),
        "inbox": (installation.settings.inbox / "port").is_file,
        "web": lambda: neighbour(installation.site) is not None,
    }
