"""A whole installation of real processes, for tests that stop and start its parts."""

import json
import signal
import socket
import time
import urllib.request
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path

from nurture.config.settings import Settings, load_settings
from nurture.local.inbox.maildir import CapturedMail, list_mail
from nurture.local.installation import Installation, processes_of, ready_checks
from nurture.local.port import listen, port_of
from nurture.local.supervisor import Supervisor


@dataclass
class RealInstallation:
    """Broker, inbox, web, worker and beat, each a process of its own."""

    settings: Settings
    supervisor: Supervisor
    listener: socket.socket
    _read: dict[str, str] = field(default_factory=dict)

    @property
    def port(self) -> int:
        return port_of(self.listener)

    def stop(self) -> None:
        self.supervisor.stop()
        self.listener.close()

    @property
    def site(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def sign_up(self, email: str) -> float:
        """The seconds that the page took to answer."""
        body = json.dumps({"email": email, "report": "lumbar-sciatica"}).encode()
        request = urllib.request.Request(f"{self.site}/signup", body, {"Content-Type": "application/json"})
        began = time.monotonic()
        with urllib.request.urlopen(request, timeout=20) as answer:
            assert answer.status == 200
        return time.monotonic() - began

    def mails(self) -> list[CapturedMail]:
        return list_mail(self.settings.var / "inbox")

    def copies(self) -> Counter[str]:
        """How many mails each recipient has; every mail is opened once, however often this is asked."""
        for file in (self.settings.var / "inbox" / "new").glob("*.inbox"):
            if file.name not in self._read:
                self._read[file.name] = str(message_from_bytes(file.read_bytes())["X-Envelope-To"])
        return Counter(self._read.values())

    def arrivals(self) -> dict[str, float]:
        """When (Unix seconds) each recipient's latest mail was written down by the inbox."""
        return {mail.recipient: int(mail.key.partition(".")[0]) / 1e9 for mail in reversed(self.mails())}


def wait_until(holds: Callable[[], bool], seconds: float) -> float:
    """How long it took until `holds`; fails when it took longer than `seconds`."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds, "it did not come about in time"
        time.sleep(0.02)
    return time.monotonic() - began


def open_real_installation(home: Path, var: Path, more: dict[str, str] | None = None) -> RealInstallation:
    """The processes run, with `more` in their environment; the caller stops them."""
    environment = {"NURTURE_HOME": str(home), "NURTURE_VAR": str(var)} | (more or {})
    settings = load_settings(environment)
    listener = listen("127.0.0.1", 0)
    installation = Installation(settings, listener, environment, sweep_every=2)
    supervisor = Supervisor(processes_of(installation), var / "log", restart=True)
    supervisor.start(ready_checks(installation))
    death = supervisor.first_death()
    assert death is None, death
    return RealInstallation(settings, supervisor, listener)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def stop_broker(installation: RealInstallation) -> None:
    """The broker is killed, and stays away until the supervisor is asked to tend."""
    installation.supervisor.kill("broker", signal.SIGKILL)
    wait_until(lambda: installation.supervisor.first_death() is not None, 5)
