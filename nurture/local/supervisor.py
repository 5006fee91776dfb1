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

from nurture.domain.errors import NurtureError

# A worker finishes the mail in hand (30 s at most) before it obeys SIGTERM.
STOP_SECONDS = 35
_READY_SECONDS = 60
_LONGEST_PAUSE = 10.0
# Whoever lived this long is no longer on the way down.
_STEADY_SECONDS = 60
_TAIL_LINES, _TAIL_BYTES = 15, 20_000

_GUARD = Path(__file__).with_name("guard.py")


@dataclass(frozen=True, slots=True)
class Process:
    """What to run: a name for logs, the command, what its environment has besides ours, and the files it is handed."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    files: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Death:
    """A process that ended by itself: which one, its exit code (128 and the signal, if one) and the last it said."""

    name: str
    code: int
    last_words: str


@dataclass(slots=True)
class _Running:
    spec: Process
    popen: subprocess.Popen[bytes]
    started_at: float
    # At least so long lie between this start and the next.
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
        """Every process runs, each started once the one before says it is ready; raises NurtureError if one cannot."""
        for spec in self._specs:
            self._running.append(self._spawn(spec))
            self._await(spec.name, (ready or {}).get(spec.name, lambda: True))

    def alive(self) -> list[str]:
        """The names of the processes that run now, in the order of their start."""
        return [running.spec.name for running in self._running if running.popen.poll() is None]

    def first_death(self) -> Death | None:
        """The first process that has ended by itself, or None while all live."""
        return next((self._death(running) for running in self._running if running.popen.poll() is not None), None)

    def tend(self) -> Death | None:
        """One process that died runs again, unless it was started a moment ago; returns the death that was mended.

        From one start to the next at least 1 to 10 s pass, longer each time. Without `restart` nothing is started
        again, and the first death is returned. Never waits.
        """
        if not self._restart:
            return self.first_death()
        for running in self._running:
            if running.popen.poll() is not None and time.monotonic() - running.started_at >= running.pause:
                death = self._death(running)
                self._start_again(running)
                return death
        return None

    def kill(self, name: str, signal_number: int) -> None:
        """The process of that name, with everything it started, gets the signal."""
        for running in self._running:
            if running.spec.name == name:
                os.killpg(running.popen.pid, signal_number)

    def stop(self) -> None:
        """Every process has ended: asked one after the other, the last started first, and killed after 35 seconds."""
        ends_at = time.monotonic() + STOP_SECONDS
        # One by one, because the worker needs the inbox and the broker until its last mail is out.
        for running in reversed(self._running):
            if running.popen.poll() is None:
                running.popen.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    running.popen.wait(max(1.0, ends_at - time.monotonic()))
            _end(running.popen)
        self._running.clear()

    def _await(self, name: str, is_ready: Callable[[], bool]) -> None:
        ends_at = time.monotonic() + _READY_SECONDS
        while not is_ready():
            death = self.first_death()
            if death is not None:
                raise NurtureError(f"{death.name} ended with code {death.code} at the start:\n{death.last_words}")
            if time.monotonic() > ends_at:
                raise NurtureError(f"{name} was not ready after {_READY_SECONDS} s. Its log is {self._log(name)}.")
            time.sleep(0.02)

    def _start_again(self, dead: _Running) -> None:
        # Its own children may have outlived it.
        _end(dead.popen)
        fresh = self._spawn(dead.spec)
        if fresh.started_at - dead.started_at < _STEADY_SECONDS:
            fresh.pause = min(dead.pause * 2, _LONGEST_PAUSE)
        self._running[self._running.index(dead)] = fresh

    def _spawn(self, spec: Process) -> _Running:
        self._logs.mkdir(parents=True, exist_ok=True)
        with self._log(spec.name).open("ab") as log:
            popen = subprocess.Popen(  # noqa: S603 - the commands are our own
                [sys.executable, "-I", "-S", str(_GUARD), str(STOP_SECONDS), *spec.command],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=os.environ | spec.environment,
                pass_fds=spec.files,
                start_new_session=True,
            )
        return _Running(spec, popen, time.monotonic())

    def _death(self, running: _Running) -> Death:
        code = running.popen.returncode
        return Death(running.spec.name, code if code >= 0 else 128 - code, self._last_words(running.spec.name))

    def _last_words(self, name: str) -> str:
        with self._log(name).open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - _TAIL_BYTES))
            lines = log.read().decode(errors="replace").splitlines()
        return "\n".join(lines[-_TAIL_LINES:])

    def _log(self, name: str) -> Path:
        return self._logs / f"{name}.log"


def _end(popen: subprocess.Popen[bytes]) -> None:
    """Nothing is left of the process and of what it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(popen.pid, signal.SIGKILL)
    popen.wait()
    if popen.stdin is not None:
        popen.stdin.close()
