"""Runs a few processes side by side, starts again what died, and leaves none behind, however it ends itself."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO

# A worker finishes the mail in hand (30 s at most) before it obeys SIGTERM.
STOP_SECONDS = 35
_LONGEST_PAUSE = 10.0
_TAIL_LINES = 15

# The child watches a pipe whose other end its parent holds: when the parent is gone, even by kill -9, the
# pipe closes and the child's whole group ends. Unlike PR_SET_PDEATHSIG this works on macOS, too.
_GUARD = """
import os, signal, subprocess, sys, threading
def watch():
    os.read(0, 1)
    os.killpg(0, signal.SIGKILL)
threading.Thread(target=watch, daemon=True).start()
child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
signal.signal(signal.SIGTERM, lambda *_: child.send_signal(signal.SIGTERM))
signal.signal(signal.SIGINT, signal.SIG_IGN)
sys.exit(child.wait())
"""


@dataclass(frozen=True, slots=True)
class Process:
    """What to run: a name for logs, the command, and what its environment has besides ours."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Death:
    """A process that ended by itself: which one, its exit code and the last it said."""

    name: str
    code: int
    last_words: str


@dataclass(slots=True)
class _Running:
    spec: Process
    popen: subprocess.Popen[bytes]
    log: IO[bytes]
    started_at: float
    pause: float = 1.0


class Supervisor:
    """Holds the processes; as a context manager it starts them in order and stops them in the opposite one."""

    def __init__(self, specs: list[Process], logs: Path, *, restart: bool) -> None:
        self._specs, self._logs, self._restart = specs, logs, restart
        self._running: list[_Running] = []

    def __enter__(self) -> "Supervisor":
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, ready: dict[str, Callable[[], bool]] | None = None) -> None:
        """Every process runs, each started once the one before says it is ready."""
        for spec in self._specs:
            self._running.append(self._spawn(spec))
            check = (ready or {}).get(spec.name)
            while check is not None and not check() and self.first_death() is None:
                time.sleep(0.02)

    def first_death(self) -> Death | None:
        """The first process that has ended by itself, or None while all live."""
        for running in self._running:
            code = running.popen.poll()
            if code is not None:
                return Death(running.spec.name, code, self._last_words(running.spec.name))
        return None

    def tend(self) -> Death | None:
        """What died is started again after a pause that grows; returns the death that was found, if any."""
        death = self.first_death()
        if death is None or not self._restart:
            return death
        index = next(n for n, each in enumerate(self._running) if each.spec.name == death.name)
        running = self._running[index]
        lived = time.monotonic() - running.started_at
        pause = 1.0 if lived > 60 else min(running.pause * 2, _LONGEST_PAUSE)
        time.sleep(pause)
        running.log.close()
        self._running[index] = self._spawn(running.spec)
        self._running[index].pause = pause
        return death

    def kill(self, name: str, signal_number: int) -> None:
        """The process of that name, with everything it started, gets the signal."""
        for running in self._running:
            if running.spec.name == name:
                os.killpg(running.popen.pid, signal_number)

    def stop(self) -> None:
        """Every process has ended: asked first, and after 35 seconds not asked any more."""
        for running in reversed(self._running):
            if running.popen.poll() is None:
                running.popen.terminate()
        ends_at = time.monotonic() + STOP_SECONDS
        for running in reversed(self._running):
            with contextlib.suppress(subprocess.TimeoutExpired):
                running.popen.wait(max(0.1, ends_at - time.monotonic()))
            _kill_group(running.popen.pid)
            running.popen.wait()
            running.log.close()
        self._running.clear()

    def _spawn(self, spec: Process) -> _Running:
        self._logs.mkdir(parents=True, exist_ok=True)
        log = (self._logs / f"{spec.name}.log").open("ab")
        popen = subprocess.Popen(  # noqa: S603 - the commands are our own
            [sys.executable, "-c", _GUARD, *spec.command],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=os.environ | spec.environment,
            start_new_session=True,
        )
        return _Running(spec, popen, log, time.monotonic())

    def _last_words(self, name: str) -> str:
        lines = (self._logs / f"{name}.log").read_text(errors="replace").splitlines()
        return "\n".join(lines[-_TAIL_LINES:])


def _kill_group(group: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
