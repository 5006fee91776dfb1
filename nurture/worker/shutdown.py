"""How a worker ends: what is in hand is finished, the rest of a batch is left, and after a while nothing runs on."""

import mmap
import os
import signal
import threading
from collections.abc import Callable

import billiard
from celery.signals import worker_shutting_down

# SIGTERM finishes what is in hand, but Celery would wait for it without an end; containers should wait a little longer.
SHUTDOWN_SECONDS = 25


def stop_in_time() -> Callable[[], bool]:
    """From here on a worker that is asked to end does so within 25 s; the answer tells whether it was asked.

    Call it before the worker forks: the answer is the same in each of its children.
    """
    # One byte that every child shares with its parent, because only the parent hears SIGTERM.
    asked = mmap.mmap(-1, 1)

    @worker_shutting_down.connect(weak=False)
    def end(**_: object) -> None:
        asked[0] = 1
        last = threading.Timer(SHUTDOWN_SECONDS, _end_now)
        last.daemon = True
        last.start()

    return lambda: asked[0] != 0


def _end_now() -> None:
    """Nothing of this worker runs on. A mail still in hand waits for a relay; its lease will tell what became of it."""
    for child in billiard.active_children():
        os.kill(child.pid, signal.SIGKILL)
    os._exit(0)
