"""An SMTP connection whose every wait ends: smtplib, with deadlines that hold however slowly a relay drips.

Knows commands and replies; never what a mail is.
"""

import io
import smtplib
import socket
import ssl
import time
from dataclasses import dataclass
from functools import cache
from typing import Any

from nurture.transport.smtp_url import SmtpUrl, Tls

# A reply longer than this is no reply (RFC 5321 4.5.3.1.5 allows lines of 512).
LARGEST_REPLY = 65_536


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds.

    RFC 5321 4.5.3.2 allows five minutes for each command; a relay that needs more than this for a banner or an
    envelope is as good as down, and giving up before the dot is safe. After the dot only the full ten minutes
    are (4.5.3.2.6): whoever hangs up early sends twice. `before_dot` bounds everything up to the dot together.
    """

    connect: float = 15
    command: float = 60
    before_dot: float = 240
    dot: float = 600


class Conversation(smtplib.SMTP):
    """One connection. A wait past its deadline raises TimeoutError."""

    def __init__(self, host: str, port: int, timeouts: Timeouts, ends_at: float, **options: Any) -> None:
        self.timeouts, self.ends_at = timeouts, ends_at
        self._wait_ends_at, self._heard = min(ends_at, time.monotonic() + timeouts.connect), 0
        super().__init__(host, port, timeout=self.remaining(), **options)

    def wait_for(self, seconds: float, *, within: float | None = None) -> None:
        """What is sent and heard from now on may take so long, and no longer than `within` (monotonic) either."""
        self._heard = 0
        self._wait_ends_at = min(time.monotonic() + seconds, within or float("inf"))

    def remaining(self) -> float:
        """The seconds left for what is under way; raises TimeoutError when there are none."""
        left = self._wait_ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError("the relay is too slow")
        return left

    def putcmd(self, cmd: str, args: str = "") -> None:
        """The command is on its way, and its reply has the time a command may take."""
        self.wait_for(self.timeouts.command, within=self.ends_at)
        super().putcmd(cmd, args)

    def send(self, s: Any) -> None:
        """All of it has left, within what remains of the time."""
        self._open_socket().settimeout(self.remaining())
        super().send(s)

    def getreply(self) -> tuple[int, bytes]:
        """The reply, whole, within what remains of the time."""
        if self.file is None:
            self.file = io.BufferedReader(_Wire(self))
        return super().getreply()

    def hear(self, buffer: memoryview) -> int:
        """What the relay says next is in the buffer; returns how many bytes."""
        sock = self._open_socket()
        sock.settimeout(self.remaining())
        heard = sock.recv_into(buffer)
        self._heard += heard
        if self._heard > LARGEST_REPLY:
            raise OSError("the relay's reply never ends")
        return heard

    def _open_socket(self) -> socket.socket:
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("the connection is gone")
        return self.sock


class _TlsConversation(Conversation, smtplib.SMTP_SSL):
    """The same, secured from the first byte."""


class _Wire(io.RawIOBase):
    """The bytes a relay sends, read through the conversation's deadline."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._conversation.hear(memoryview(buffer))


def converse(url: SmtpUrl, timeouts: Timeouts, ends_at: float) -> Conversation:
    """A connection that is secured and logged in as the URL asks for; raises OSError saying why not.

    `ends_at` (monotonic) bounds everything before the final dot.
    """
    if url.tls is Tls.IMPLICIT:
        smtp: Conversation = _TlsConversation(
            url.host, url.port, timeouts, ends_at, context=_secure(ssl.get_default_verify_paths())
        )
    else:
        smtp = Conversation(url.host, url.port, timeouts, ends_at)
    try:
        _greet(smtp, url)
    except OSError:
        smtp.close()
        raise
    return smtp


# It reads all the authorities of the machine, some 30 ms of them.
@cache
def _secure(_authorities: ssl.DefaultVerifyPaths) -> ssl.SSLContext:
    return ssl.create_default_context()


def _greet(smtp: Conversation, url: SmtpUrl) -> None:
    if smtp.sock is not None:
        # The dot is written apart from the body; held back by Nagle, it would wait 40 ms for the body's delayed ACK.
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    smtp.ehlo_or_helo_if_needed()
    if url.tls is Tls.STARTTLS:
        smtp.starttls(context=_secure(ssl.get_default_verify_paths()))
        smtp.ehlo()
    if url.user:
        smtp.login(url.user, url.password)
