"""A relay that answers as it is told, command by command, and notes what it was given."""

import contextlib
import socket
import threading
from dataclasses import dataclass, field

DROP, SILENT = "drop", "silent"


@dataclass
class ScriptedRelay:
    """`script` maps CONNECT, EHLO, MAIL, RCPT, DATA and DOT to a reply, to DROP or to SILENT."""

    script: dict[str, str] = field(default_factory=dict)
    mails: list[bytes] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    connections: int = 0

    def __post_init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self.open: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._server.close()
        self.hang_up()

    def hang_up(self) -> None:
        """Every connection is dropped, as when a relay restarts."""
        for connection in self.open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.open.clear()

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
                if self._answer(connection, "CONNECT", "220 ready"):
                    while self._one(connection, lines):
                        pass
        except OSError:
            pass

    def _one(self, connection: socket.socket, lines) -> bool:
        line = lines.readline()
        verb = line[:4].decode().upper().replace("HELO", "EHLO")
        self.heard.append(verb)
        if not line or verb == "QUIT":
            return False
        usual = {"DATA": "354 go on", "EHLO": "250-relay\r\n250 SIZE"}.get(verb, "250 ok")
        if not self._answer(connection, verb, usual):
            return False
        if verb == "DATA" and self.script.get("DATA", "354").startswith("354"):
            body = b""
            while not body.endswith(b"\r\n.\r\n"):
                more = lines.readline()
                if not more:
                    return False
                body += more
            self.heard.append("DOT")
            if not self._answer(connection, "DOT", "250 taken"):
                return False
            if self.script.get("DOT", "250").startswith("250"):
                self.mails.append(body[:-3])
        return True

    def _answer(self, connection: socket.socket, verb: str, usual: str) -> bool:
        reply = self.script.get(verb, usual)
        if reply == DROP:
            connection.shutdown(socket.SHUT_RDWR)
            return False
        if reply != SILENT:
            connection.sendall(reply.encode() + b"\r\n")
        return True
