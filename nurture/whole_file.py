"""Files that outlive a power cut: always there whole, the old text or the new. Knows nothing of what they hold."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile


def write_whole(file: Path, text: str) -> None:
    """The file holds the text, for its owner alone; a reader, or a crash in the middle, finds the old or the new."""
    with _kept(file, text) as fresh:
        fresh.replace(file)


def write_once(file: Path, text: str) -> None:
    """The file holds the text, unless it was there before: of two who write at once, both find the first one's."""
    with _kept(file, text) as fresh, suppress(FileExistsError):
        file.hardlink_to(fresh)


@contextmanager
def _kept(file: Path, text: str) -> Iterator[Path]:
    """A file beside it that holds the text on the disk itself; afterwards the folder's new entry is there, too."""
    file.parent.mkdir(parents=True, exist_ok=True)
    # A name of its own, because two may write at once.
    with NamedTemporaryFile("w", dir=file.parent, prefix=f"{file.name}.", delete=False) as fresh:
        try:
            fresh.write(text)
            fresh.flush()
            os.fsync(fresh.fileno())
            yield Path(fresh.name)
        finally:
            Path(fresh.name).unlink(missing_ok=True)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
