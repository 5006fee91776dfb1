"""The web server: waitress, set so that thousands who say nothing keep nobody out and no body fills the disk."""

import logging
import resource
import socket
import sys
from contextlib import suppress
from io import BytesIO
from typing import Any

from flask import Flask
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import BaseWSGIServer, create_server
from waitress.task import ErrorTask, WSGITask
from waitress.utilities import InternalServerError

from nurture.web.answer_time import answered_in_steps
from nurture.web.app import LARGEST_REQUEST
from nurture.web.trouble import REFUSED

# Each thread answers one visitor; they mostly wait, for the database.
_THREADS = 16
# Each holds a file, and at worst one unfinished request in memory.
_MOST_CONNECTIONS = 4096
_FEW_CONNECTIONS = 500
# Files for everything else: the database, the broker, logs, a PDF for each thread.
_OTHER_FILES = 150
_SETTINGS = {
    "threads": _THREADS,
    "backlog": 2048,
    # The other way of looking, select, knows 1,024 files.
    "asyncore_use_poll": True,
    # Seconds for a request to arrive, or without one, until a connection is given up; browsers open a new one and do
    # not notice.
    "channel_timeout": 30,
    "cleanup_interval": 5,
    "max_request_header_size": 16 * 1024,
    # Refused as soon as it is announced, or has arrived. What is shorter stays in memory.
    "max_request_body_size": LARGEST_REQUEST + 1,
    "inbuf_overflow": LARGEST_REQUEST * 2,
    # X-Forwarded-For is for nurture/web/proxies.py to judge.
    "clear_untrusted_proxy_headers": False,
    # A visitor who hangs up is no news.
    "log_socket_errors": False,
    "ident": None,
}

log = logging.getLogger("nurture.web")


class _Refusal(WSGITask):
    """What waitress refuses is told by the application, like everything else that goes wrong."""

    def execute(self) -> None:
        self.set_close_on_finish()
        super().execute()

    def get_environment(self) -> dict[str, Any]:
        if not hasattr(self.request, "path"):
            # The line that asks could not be read, or not to its end: waitress sets its parts one by one.
            with suppress(ParsingError):
                self.request.parse_header(b"GET / HTTP/1.0\r\n")
        environ: dict[str, Any] = super().get_environment()
        return environ | {REFUSED: self.request.error.code, "wsgi.input": BytesIO(), "CONTENT_LENGTH": "0"}


class _Parser(HTTPRequestParser):
    """One request as it arrives."""

    def parse_header(self, header_plus: bytes) -> None:
        """Its first line and headers are known; raises ParsingError where waitress passes on what Python raises."""
        try:
            super().parse_header(header_plus)
        except ValueError as error:
            # Such as `http://[` for an address, or a length of five thousand digits.
            raise ParsingError("Not to be understood") from error


class _Channel(HTTPChannel):
    """One connection. A byte now and then does not keep it open: only a whole request or answer counts as activity.

    After a refusal our half of it ends, and what still comes is dropped until the other half ends or `channel_timeout`
    is over. To close it at once would be a reset, which takes the answer from whoever is still sending (RFC 9112 9.6).
    """

    parser_class = _Parser
    request: Any
    _active_at = 0.0
    is_refused = False
    _is_half_closed = False

    @property
    def last_activity(self) -> float:
        """When (Unix seconds) a request began or an answer went on."""
        return self._active_at

    @last_activity.setter
    def last_activity(self, at: float) -> None:
        if self.request is None and not self._is_half_closed:
            self._active_at = at

    @staticmethod
    def error_task_class(channel: "_Channel", request: Any) -> WSGITask | ErrorTask:
        """The answer to a request that was refused; to one that broke the application, the plainest there is."""
        channel.is_refused = not isinstance(request.error, InternalServerError)
        return _Refusal(channel, request) if channel.is_refused else ErrorTask(channel, request)

    def received(self, data: bytes) -> bool:
        """Takes what has come, but for what follows a refusal."""
        return not self._is_half_closed and bool(super().received(data))

    def handle_close(self) -> None:
        """Closed, or half of it."""
        if self.is_refused and not self._is_half_closed:
            self._is_half_closed, self.will_close = True, False
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_WR)
                return
        super().handle_close()


def serve(app: Flask, listener: socket.socket) -> None:
    """Answers whoever comes to the listening socket, until the process is told to stop."""
    # At "info" waitress writes addresses of pages, and so tokens; and that a moment is busy is no news.
    logging.getLogger("waitress").setLevel(logging.WARNING)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    listening: dict[int, Any] = {}
    server = create_server(
        answered_in_steps(app), map=listening, sockets=[listener], connection_limit=_connection_limit(), **_SETTINGS
    )
    for each in listening.values():
        if isinstance(each, BaseWSGIServer):
            each.channel_class = _Channel
    server.run()


def _connection_limit() -> int:
    """How many connections this process may hold; it asks for as many files as it may have."""
    wanted, limits = _MOST_CONNECTIONS + _OTHER_FILES, resource.getrlimit(resource.RLIMIT_NOFILE)
    given, most = (sys.maxsize if each == resource.RLIM_INFINITY else each for each in limits)
    if given < wanted:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, most), limits[1]))
            given = min(wanted, most)
    connections = max(1, min(_MOST_CONNECTIONS, given - _OTHER_FILES))
    if connections < _FEW_CONNECTIONS:
        log.warning("only %d visitors at once: this process may open %d files (ulimit -n)", connections, given)
    return connections
