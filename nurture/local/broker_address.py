"""Where the private broker of an installation listens. Starts nothing, so that a command finds it without a wait."""

import os
import tempfile
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

# sockaddr_un holds 108 bytes on Linux and 104 on macOS, the final zero included.
_LONGEST_SOCKET_PATH = 100


def broker_socket(directory: Path) -> Path:
    """Where the broker of this directory listens; a short private place when the directory's path is too long."""
    socket = directory.resolve() / "broker.sock"
    if len(os.fsencode(socket)) <= _LONGEST_SOCKET_PATH:
        return socket
    digest = sha256(os.fsencode(socket)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"nurture-{digest}" / "broker.sock"


def broker_url(directory: Path) -> str:
    """The address of the broker of this directory, as Celery wants it."""
    return f"redis+socket://{quote(str(broker_socket(directory)))}?virtual_host=0"
