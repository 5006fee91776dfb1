"""The relay that takes the mail and throws it away: Postfix's smtp-sink, near or at the end of a long line."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.parts.running import UNPRIVILEGED, NotMeasuredError, answers, free_port, running, wait_until


@dataclass(frozen=True, slots=True)
class Relay:
    """A relay that runs: its process, and the port to speak to."""

    pid: int
    port: int


@contextmanager
def relay(delay: float, folder: Path) -> Iterator[Relay]:
    """A relay while the block lasts; every byte to it and from it takes `delay` seconds."""
    port, log = free_port(), folder / "log" / "relay.log"
    with ExitStack() as block:
        pid = block.enter_context(running(_command(port), log))
        wait_until(lambda: answers(port), "the relay")
        yield Relay(pid, block.enter_context(_far(port, delay, log)) if delay else port)


@contextmanager
def _far(port: int, delay: float, log: Path) -> Iterator[int]:
    """The port of a line to that port on which every byte takes `delay` seconds."""
    near = free_port()
    with running([sys.executable, "-m", "benchmarks.parts.line", str(near), str(port), str(delay)], log):
        wait_until(lambda: answers(near), "the line")
        yield near


def _command(port: int) -> list[str]:
    user = ["-u", UNPRIVILEGED] if os.geteuid() == 0 else []
    return [smtp_tool("smtp-sink"), *user, "-h", "relay.example", f"127.0.0.1:{port}", "1000"]


def smtp_tool(name: str) -> str:
    """Where Postfix's smtp-sink or smtp-source is; raises NotMeasuredError when it is not installed."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/lib/postfix/sbin")
    if found is None:
        raise NotMeasuredError(f"{name} is not installed (on Debian: apt install postfix)")
    return found
