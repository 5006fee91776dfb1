"""The captured inbox: an SMTP server on this machine that keeps every mail in a Maildir and sends none on."""

import asyncio
import itertools
import os
import signal
import time
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

LARGEST_MAIL = 10_000_000


class _Keeper:
    """Writes each accepted mail down, and answers 250 only when it is on the disk."""

    def __init__(self, directory: Path) -> None:
        self._directory, self._count = directory, itertools.count(1)
        for folder in ("tmp", "new", "cur"):
            (directory / folder).mkdir(parents=True, exist_ok=True)

    async def handle_DATA(self, _server: Any, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        recipients = ", ".join(envelope.rcpt_tos)
        notes = f"X-Envelope-From: {envelope.mail_from}\r\nX-Envelope-To: {recipients}\r\n"
        content = envelope.original_content or b""
        # Unique, and in the order of arrival: time, process, count.
        name = f"{time.time_ns():020d}.{os.getpid()}_{next(self._count):06d}.inbox"
        fresh = self._directory / "tmp" / name
        with fresh.open("wb") as file:
            file.write(notes.encode() + content)
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(self._directory / "new" / name)
        return "250 kept"


def serve_inbox(directory: Path, port: int) -> None:
    """Keeps mail until SIGTERM; the port in use (0 asks for a free one) stands in the file `port`."""
    asyncio.run(_serve(directory, port))


async def _serve(directory: Path, port: int) -> None:
    loop, keeper = asyncio.get_running_loop(), _Keeper(directory)
    stopped = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopped.set)
    server = await loop.create_server(
        lambda: SMTP(keeper, data_size_limit=LARGEST_MAIL, enable_SMTPUTF8=True, loop=loop), "127.0.0.1", port
    )
    _note_port(directory, server.sockets[0].getsockname()[1])
    await stopped.wait()
    server.close()


def _note_port(directory: Path, port: int) -> None:
    fresh = directory / "port.new"
    fresh.write_text(str(port))
    fresh.replace(directory / "port")
