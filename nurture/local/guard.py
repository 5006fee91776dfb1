"""Runs a command and ends it, with all that it started, when whoever runs this script is gone, even by kill -9.

The guard watches a pipe whose other end its parent holds. When the parent is gone the pipe closes: the command is asked
to end, and after a while its whole group is killed. Unlike PR_SET_PDEATHSIG this works on macOS, too. What files the
guard was handed it hands on. It imports nothing of ours, because it starts with every process.
"""

import os
import signal
import subprocess
import sys
import threading
import time


def guard(command: list[str], patience: float) -> int:
    """The command's exit code (128 and the signal, if one) when it has ended; SIGTERM is handed on to it.

    `patience` is the seconds that it has to end by itself once nobody is left to ask it.
    """
    child: subprocess.Popen[bytes] | None = None
    asked = orphaned = False

    def ask(*_: object) -> None:
        nonlocal asked
        asked = True
        if child is not None:
            child.terminate()

    def watch() -> None:
        nonlocal orphaned
        os.read(0, 1)
        orphaned = True
        ask()
        time.sleep(patience)
        os.killpg(0, signal.SIGKILL)

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, lambda *_: None)
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, close_fds=False)  # noqa: S603 - our parent's own
    if asked:
        child.terminate()
    threading.Thread(target=watch, daemon=True).start()
    code = child.wait()
    if orphaned:
        os.killpg(0, signal.SIGKILL)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(guard(sys.argv[2:], float(sys.argv[1])))
