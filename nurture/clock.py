"""The only clock. The system's, or one whose hands another process moves (the demo's)."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from nurture.domain.errors import ConfigError
from nurture.whole_file import write_whole

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


def file_clock(file: Path) -> Clock:
    """A clock that stands still at the instant written in the file, the same for every process that reads it.

    Raises ConfigError, now and later, when there is none.
    """

    def clock() -> datetime:
        try:
            return datetime.fromisoformat(file.read_text().strip()).astimezone(UTC)
        except (OSError, ValueError, OverflowError) as error:
            raise ConfigError(f"NURTURE_CLOCK_FILE names {file}, which holds no instant ({error}).") from error

    clock()
    return clock


def move_hands(file: Path, at: datetime) -> None:
    """Every clock that reads the file now shows `at`; no reader ever sees half an instant."""
    write_whole(file, at.astimezone(UTC).isoformat())
