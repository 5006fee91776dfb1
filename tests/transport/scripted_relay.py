"""A relay that answers as it is told, command by command, and notes what it was given."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

# What a relay may do instead of answering. The last takes the mail, and then drops the line without a word.
DROP, SILENT, TAKE_AND_DROP = "drop", "silent", "take and drop"


@dataclass
class ScriptedRelay:
    """`script` maps CONNECT, EHLO, MAIL, RCPT, DATA and DOT to a reply, to DROP, SILENT or TAKE_AND_DROP, or to a
    function that gives one of these."""

    script: dict[str, str | Callable[[], str]] = field(default_factory=dict)
    mails: list[bytes] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    connections: int = 0
    # Seconds between two bytes of a reply that never ends; 0 answers as one should.
    drip: float = 0

    def __post_init__(self) -> None:
        # Whom the mail under way on this connection is for.
        self.here = threading.local()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self.open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        # Closing alone leaves the thread in `accept`, and it would answer for the next relay with this descriptor.
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join()
        self.hang_up()

    def hang_up(self) -> None:
        """Every connection is dropped, as when a relay restarts."""
        for connection in self.open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.open.clear()

    def take(self, recipient: str, body: bytes) -> None:
        """The mail is the relay's."""
        self.mails.append(body)

    def reply_to(self, verb: str, usual: str) -> str:
        reply = self.script.get(verb, usual)
        return reply if isinstance(reply, str) else reply()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            self.connections += 1
            self.open.append(connection)
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        try:
            with connection, connection.makefile("rb") as lines:
                if self._answer(connection, self.reply_to("CONNECT", "220 ready")):
                    recipient = [""]
                    while self._one(connection, lines, recipient):
                        pass
        except (OSError, ValueError):
            pass

    def _one(self, connection: socket.socket, lines, recipient: list[str]) -> bool:
        line = lines.readline()
        verb = line[:4].decode().upper().replace("HELO", "EHLO")
        self.heard.append(verb)
        # A line without an end is the last of somebody who was killed.
        if not line.endswith(b"\n") or verb == "QUIT":
            return False
        if verb == "RCPT":
            recipient[0] = self.here.recipient = re.search(rb"<(.*)>", line)[1].decode()
        usual = {"DATA": "354 go on", "EHLO": "250-relay\r\n250 SIZE"}.get(verb, "250 ok")
        reply = self.reply_to(verb, usual)
        if not self._answer(connection, reply):
            return False
        return verb != "DATA" or not reply.startswith("354") or self._body(connection, lines, recipient[0])

    def _body(self, connection: socket.socket, lines, recipient: str) -> bool:
        body = []
        while not body or body[-1] != b".\r\n":
            body.append(lines.readline())
            if not body[-1]:
                return False
        self.heard.append("DOT")
        reply = self.reply_to("DOT", "250 taken")
        if reply.startswith("250") or reply == TAKE_AND_DROP:
            self.take(recipient, b"".join(body[:-1]))
        return self._answer(connection, reply)

    def _answer(self, connection: socket.socket, reply: str) -> bool:
        if reply in {DROP, TAKE_AND_DROP}:
            connection.shutdown(socket.SHUT_RDWR)
            return False
        if self.drip:
            for byte in reply.encode() * 1000:
                time.sleep(self.drip)
                connection.sendall(bytes([byte]))
        if reply != SILENT:
            connection.sendall(reply.encode() + b"\r\n")
        return True
