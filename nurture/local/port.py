"""A port of our own: taken before anything is started, or refused with the name of who answers there."""

import errno
import json
import socket
import urllib.request
from dataclasses import dataclass

from nurture.domain.errors import MachineError

_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A Nurture that answers at an address: its version, and the opaque name of its installation."""

    version: str
    installation: str


def listen(host: str, port: int) -> socket.socket:
    """A socket that nobody but its holder can accept from; port 0 asks for a free one. Raises MachineError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except (OSError, UnicodeError) as error:
        is_taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        # Python adds what it was doing, in brackets and in terms of its own.
        words = str(getattr(error, "strerror", error)).partition(" (while")[0]
        why = f"is taken by {_holder(port)}" if is_taken else f"of {host} cannot be used ({words})"
        raise MachineError(
            f"Port {port} {why}, so nothing was started or changed. Choose another: --port N."
        ) from error


def port_of(listener: socket.socket) -> int:
    """The port at which the socket listens."""
    return int(listener.getsockname()[1])


def neighbour(site: str) -> Neighbour | None:
    """The Nurture that answers there; None when nobody does, or somebody else."""
    try:
        with urllib.request.urlopen(f"{site}/healthz", timeout=_SECONDS) as answer:  # noqa: S310 - this machine's
            told = json.loads(answer.read(1000))
        return Neighbour(str(told["version"]), str(told["installation"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _holder(port: int) -> str:
    other = neighbour(f"http://127.0.0.1:{port}")
    if other is None:
        return "another program"
    return f"another Nurture (version {other.version}, installation {other.installation})"
