"""The only clock. The system's, or one whose hands another process moves (the demo's)."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from nurture.whole_file import write_whole

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


def file_clock(file: Path) -> Clock:
    """A clock that stands still at the instant written in the file, the same for every process that reads it."""
    return lambda: datetime.fromisoformat(file.read_text().strip()).astimezone(UTC)


def move_hands(file: Path, at: datetime) -> None:
    """Every clock that reads the file now shows `at`; no reader ever sees half an instant."""
    write_whole(file, at.astimezone(UTC).isoformat())
