"""Starts a process for as long as a block lasts; none outlives the benchmark, however it ends."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from nurture.local import guard

#: Whom servers run as that refuse to run as root.
UNPRIVILEGED = "nobody"
_STOP_SECONDS, _READY_SECONDS = 40, 60


class NotMeasuredError(Exception):
    """What was to be measured is not to be had on this machine; the sentence says why."""


@contextmanager
def running(command: list[str], log: Path, environment: Mapping[str, str] | None = None) -> Iterator[int]:
    """The process id of the command's guard, whose family it is, while the block lasts; what it says is in `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as said:
        process = subprocess.Popen(  # noqa: S603 - the commands are our own
            [sys.executable, "-I", "-S", guard.__file__, str(_STOP_SECONDS), *command],
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=subprocess.STDOUT,
            env=os.environ | (environment or {}),
            start_new_session=True,
        )
    try:
        yield process.pid
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def wait_until(holds: Callable[[], bool], what: str, seconds: float = _READY_SECONDS) -> None:
    """It holds; raises TimeoutError naming `what` when it does not in time."""
    ends_at = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > ends_at:
            raise TimeoutError(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.05)


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    """Tell whether somebody listens on that port of this machine."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def as_nobody(command: list[str]) -> list[str]:
    """The command; as a user without rights when we are root."""
    if os.geteuid() != 0:
        return command
    return ["setpriv", f"--reuid={UNPRIVILEGED}", "--regid=nogroup", "--clear-groups", *command]
