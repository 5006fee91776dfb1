"""A Maildir on this machine that mail is kept in instead of being sent. Knows bytes and envelopes alone."""

import itertools
import os
import time
from pathlib import Path

_count = itertools.count(1)


def open_mailbox(directory: Path) -> None:
    """The folders of a Maildir are there, for their owner alone."""
    for folder in ("tmp", "new", "cur"):
        (directory / folder).mkdir(parents=True, exist_ok=True)
    directory.chmod(0o700)


def keep(directory: Path, sender: str, recipients: list[str], data: bytes) -> None:
    """The mail is on the disk, whole, and its envelope stands in two headers above it; raises OSError when it is not.

    `directory` was made by `open_mailbox`.
    """
    notes = f"X-Envelope-From: {sender}\r\nX-Envelope-To: {', '.join(recipients)}\r\n"
    # Unique, and in the order of arrival: time, process, count.
    name = f"{time.time_ns():020d}.{os.getpid()}_{next(_count):06d}.inbox"
    fresh = directory / "tmp" / name
    with fresh.open("wb") as file:
        file.write(notes.encode() + data)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(directory / "new" / name)
