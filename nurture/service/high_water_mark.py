"""The most sweeps of the ledger that this machine knows of, on file beside it: with fewer it is a restored copy."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from nurture.runtime import Runtime
from nurture.store.system_state import SystemState
from nurture.whole_file import write_whole


@dataclass(frozen=True, slots=True)
class HighWaterMark:
    """The ledger's name, and how often it had been swept when this machine last swept it.

    `noticed_at` is when the ledger was found to be behind that, while what it has forgotten is being held.
    """

    name: str
    sweeps: int
    noticed_at: datetime | None = None

    def is_ahead_of(self, system: SystemState) -> bool:
        """Tell whether the ledger has fewer sweeps than this machine knows of."""
        return self.name == system.name and system.sweeps < self.sweeps


def is_behind(runtime: Runtime, system: SystemState) -> bool:
    """Tell whether the ledger was restored from a copy, and not all that it has forgotten is held yet."""
    mark = load(runtime)
    return mark is not None and mark.is_ahead_of(system)


def load(runtime: Runtime) -> HighWaterMark | None:
    """The mark on file; None when there is no file, or none that can be read."""
    try:
        name, sweeps, *noticed = _file(runtime).read_text().split()
        return HighWaterMark(name, int(sweeps), datetime.fromisoformat(noticed[0]) if noticed else None)
    except (OSError, ValueError):
        return None


def save(runtime: Runtime, mark: HighWaterMark) -> None:
    """The mark is on file, whole. Call after the commit: the ledger must never be behind it but by being restored."""
    noticed = f" {mark.noticed_at.isoformat()}" if mark.noticed_at else ""
    write_whole(_file(runtime), f"{mark.name} {mark.sweeps}{noticed}\n")


def _file(runtime: Runtime) -> Path:
    return runtime.settings.var / "ledger-seen"
