"""One open connection of a pool: a slot with its socket, its deadlines and how much it has carried."""

import math
import socket
import ssl
import time
from collections.abc import Iterator

from nurture.transport.conversation import Conversation, Timeouts
from nurture.transport.refusals import error_text
from nurture.transport.slot import Result, Slot
from nurture.transport.transaction import Transaction

# A dot that is not answered within this time is slow, and nobody else's commit waits for it.
SOON_SECONDS = 0.05
# Relays hang up on idle connections, and some count the mails of one.
IDLE_SECONDS, MAILS_PER_LINE = 20, 200

_AGAIN = (BlockingIOError, InterruptedError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
_CHUNK = 65_536


class Line:
    """The socket is read and written when the loop says so, and never waited for."""

    def __init__(self, conversation: Conversation, timeouts: Timeouts) -> None:
        if conversation.sock is None:
            raise OSError("the connection is gone")
        self.socket: socket.socket = conversation.sock
        self.socket.setblocking(False)  # noqa: FBT003 - the socket's own word
        self.slot = Slot(pipelines=conversation.has_extn("pipelining"))
        self._timeouts = timeouts
        self.mails = 0
        self.used_at = self.dotted_at = time.monotonic()
        self._before_dot_ends_at = self._command_ends_at = math.inf

    @property
    def deadline(self) -> float:
        """When (monotonic) the relay has taken too long over what is under way; RFC 5321 4.5.3.2."""
        if self.slot.dotted is not None:
            return self.dotted_at + self._timeouts.dot
        if self.slot.mail is not None and not (self.slot.is_ready and not self.slot.unwritten):
            return min(self._before_dot_ends_at, self._command_ends_at)
        return math.inf

    @property
    def is_on_its_way(self) -> bool:
        """Tell whether a mail in it may be up to its dot before long; behind a dot that is slow, none is."""
        if self.slot.dotted is not None:
            return time.monotonic() < self.dotted_at + SOON_SECONDS
        return self.slot.mail is not None and not self.is_up_to_its_dot

    @property
    def has_one_behind(self) -> bool:
        """Tell whether a mail waits behind a dot that is not answered."""
        return self.slot.dotted is not None and self.slot.mail is not None

    @property
    def is_up_to_its_dot(self) -> bool:
        """Tell whether a whole mail but its dot has left."""
        return self.slot.is_ready and not self.slot.unwritten and not self.slot.is_closing

    def begin(self, mail: Transaction) -> None:
        """The mail goes out on this line."""
        self._carries(mail)
        self.slot.begin(mail)

    def dot(self, following: Transaction | None) -> None:
        """The final dot leaves, and behind it the next mail's envelope."""
        self.dotted_at = time.monotonic()
        if following is not None:
            self._carries(following)
        self.slot.dot(following)

    def read(self) -> Iterator[Result]:
        """What came of mails by what the relay has said so far; raises OSError when the connection is gone."""
        while True:
            try:
                data = self.socket.recv(_CHUNK)
            except _AGAIN:
                return
            if not data:
                raise OSError("the relay hung up")
            self._heard_at(time.monotonic())
            yield from self.slot.hear(data)
            if len(data) < _CHUNK and not (isinstance(self.socket, ssl.SSLSocket) and self.socket.pending()):
                return

    def write(self) -> None:
        """As much has left as the socket takes; raises OSError when the connection is gone."""
        unwritten = self.slot.unwritten
        while unwritten:
            try:
                written = self.socket.send(unwritten)
            except _AGAIN:
                return
            del unwritten[:written]

    def lost(self, error: OSError) -> Iterator[Result]:
        """What came of its mails, now that it is gone."""
        self.close()
        yield from self.slot.lost(error_text(error))

    def close(self, *, politely: bool = False) -> None:
        """The connection is let go; before a dot, that throws the mail away (RFC 5321 4.1.1.4)."""
        try:
            if politely:
                self.socket.send(b"QUIT\r\n")
        except OSError:
            pass
        finally:
            self.socket.close()

    def _carries(self, _mail: Transaction) -> None:
        now = time.monotonic()
        self.mails += 1
        self.used_at, self._before_dot_ends_at = now, now + self._timeouts.before_dot
        self._command_ends_at = now + self._timeouts.command

    def _heard_at(self, now: float) -> None:
        self.used_at, self._command_ends_at = now, now + self._timeouts.command
