"""The folder that an installation writes to (NURTURE_VAR), closed to every other user of the machine.

Looks at what Nurture writes there and at nothing else: somebody may have named a folder that holds more. Reports are
for everybody, so they have the modes that their maker gave them.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fnmatch import fnmatch
from pathlib import Path

_PRIVATE = (
    "nurture.db*",
    "secret-key*",
    "ledger-seen*",
    "running.lock",
    "clock*",
    "log",
    "inbox",
    "broker",
    "demo",
    "verdicts",
)
_PUBLIC = ("reports",)
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@contextmanager
def private_files() -> Iterator[None]:
    """Every file and folder that this process, or one that it starts, makes meanwhile is its owner's alone."""
    before = os.umask(_OTHERS)
    try:
        yield
    finally:
        os.umask(before)


def close_to_others(folder: Path) -> None:
    """What Nurture wrote there is its owner's alone. What belongs to somebody else stays as it is."""
    for path in open_to_others(folder):
        with suppress(OSError):
            path.chmod(stat.S_IMODE(path.stat().st_mode) & ~_OTHERS)


def open_to_others(folder: Path) -> list[Path]:
    """What other users of the machine could read, write or list there, although it is private.

    A closed folder closes all that is in it, so what it holds is not looked at; but what lies in `folder` itself is.
    """
    entries = list(folder.iterdir()) if folder.is_dir() else []
    private = [each for each in entries if _is_one_of(each, _PRIVATE)]
    # The folder is ours when nothing but ours is in it. Anything else is not for us to close.
    is_ours = entries and all(_is_one_of(each, (*_PRIVATE, *_PUBLIC)) for each in entries)
    found = [folder] if is_ours and _is_open(folder) else []
    return found + [path for each in sorted(private) for path in _open_within(each)]


def _open_within(path: Path) -> Iterator[Path]:
    if path.is_symlink() or not _is_open(path):
        return
    yield path
    if path.is_dir():
        for each in sorted(path.iterdir()):
            yield from _open_within(each)


def _is_one_of(path: Path, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch(path.name, pattern) for pattern in patterns)


def _is_open(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & _OTHERS)
    except OSError:
        # It is gone by now.
        return False
