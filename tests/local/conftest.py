"""A captured inbox that runs as a process of its own, and mail to put into it."""

import smtplib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest

_SERVE = """
import logging, pathlib, sys
from nurture.local.inbox.smtp_server import serve_inbox
logging.basicConfig(level=logging.INFO)
serve_inbox(pathlib.Path(sys.argv[1]), int(sys.argv[2]))
"""


@dataclass
class Inbox:
    """A running inbox: where it keeps its mail, and its process."""

    directory: Path
    process: subprocess.Popen

    @property
    def port(self) -> int:
        return int((self.directory / "port").read_text())

    def receive(self, mail: EmailMessage, *recipients: str) -> None:
        with smtplib.SMTP("127.0.0.1", self.port) as client:
            client.send_message(mail, "bounce@clinic.example", recipients or ["ann@example.com"])

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(5)


def wait_until(holds: Callable[[], bool], seconds: float) -> None:
    ends_at = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends_at, "it did not come about in time"
        time.sleep(0.02)


def open_inbox(directory: Path, port: int = 0) -> Inbox:
    before = (directory / "port").stat().st_mtime_ns if (directory / "port").is_file() else 0
    directory.mkdir(exist_ok=True)
    with (directory / "log").open("a") as log:
        process = subprocess.Popen([sys.executable, "-c", _SERVE, str(directory), str(port)], stderr=log)
    inbox = Inbox(directory, process)
    wait_until(lambda: (directory / "port").is_file() and (directory / "port").stat().st_mtime_ns > before, 10)
    return inbox


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inbox]:
    running = open_inbox(tmp_path_factory.mktemp("inbox") / "mail")
    yield running
    running.stop()


def a_mail(subject: str = "Your report", day: int = 1, html: str = "") -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"] = "care@clinic.example", "Ann <ann@example.com>"
    mail["Subject"], mail["Message-ID"] = subject, f"<{day}@clinic.example>"
    mail["Date"] = f"{day:02d} Dec 2026 10:00:00 -0600"
    mail.set_content("Hello Ann,\n")
    if html:
        mail.add_alternative(html, subtype="html")
    return mail
