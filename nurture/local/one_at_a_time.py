"""One `up` or `demo` in a folder at a time: two would share a broker, or delete what the other one writes."""

import fcntl
import os
from pathlib import Path
from typing import IO

from nurture.domain.errors import NurtureError

#: Stays when everything else in the folder goes: a lock on a file that was deleted keeps nobody out.
LOCK = "running.lock"


def hold(folder: Path) -> IO[str]:
    """The folder is there, and ours until the lock is closed or this process ends.

    Raises NurtureError, and has changed nothing, when another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = (folder / LOCK).open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.seek(0)
        holder = lock.read(20).strip()
        lock.close()
        raise NurtureError(
            f"nurture up or demo already runs in {folder} (process {holder}), so nothing was started or changed. "
            "Stop it first, or set NURTURE_VAR to another folder."
        ) from error
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    return lock
