"""The captured inbox: an SMTP server on this machine that keeps every mail in a Maildir and sends none on."""

import asyncio
import logging
import signal
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from nurture.domain.errors import ConfigError
from nurture.transport.mailbox import keep, open_mailbox
from nurture.whole_file import write_whole

LARGEST_MAIL = 10_000_000
_HOST = "127.0.0.1"


class _Keeper:
    """Writes each accepted mail down, and answers 250 only when it is on the disk."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        open_mailbox(directory)

    async def handle_DATA(self, _server: Any, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        keep(self._directory, envelope.mail_from or "", envelope.rcpt_tos, envelope.original_content or b"")
        return "250 kept"


def serve_inbox(directory: Path, port: int) -> None:
    """Keeps mail until SIGTERM; the port in use (0 asks for a free one) stands in the file `port`."""
    # aiosmtpd's own log tells every command, addresses included.
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    asyncio.run(_serve(directory, port))


async def _serve(directory: Path, port: int) -> None:
    loop, keeper = asyncio.get_running_loop(), _Keeper(directory)
    stopped = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopped.set)
    server = await _listen(keeper, port or _last_port(directory), is_wish=port == 0)
    write_whole(directory / "port", str(server.sockets[0].getsockname()[1]))
    await stopped.wait()
    server.close()


async def _listen(keeper: _Keeper, port: int, *, is_wish: bool) -> asyncio.Server:
    loop = asyncio.get_running_loop()

    def conversation() -> SMTP:
        # Without a name aiosmtpd looks this machine's own up, which can take seconds.
        return SMTP(keeper, data_size_limit=LARGEST_MAIL, enable_SMTPUTF8=True, hostname="localhost", loop=loop)

    try:
        return await loop.create_server(conversation, _HOST, port)
    except OSError as error:
        if is_wish and port:
            return await loop.create_server(conversation, _HOST, 0)
        raise ConfigError(f"The inbox cannot listen on port {port} ({error.strerror}). Choose another.") from error


def _last_port(directory: Path) -> int:
    """The port before this start, or 0: whoever reads the file once must still find us after a restart."""
    try:
        port = int((directory / "port").read_text())
    except (OSError, ValueError):
        return 0
    return port if 0 < port < 65536 else 0
