"""What this machine has seen of the ledger, kept beside it: a ledger that is behind this was restored from a copy."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from nurture.service.runtime import Runtime
from nurture.store.system_state import SystemState
from nurture.whole_file import write_whole


@dataclass(frozen=True, slots=True)
class Seen:
    """The ledger's name, and how often it had been swept when this machine last swept it.

    `noticed_at` is when the ledger was found to be behind that, while what it has forgotten is being held.
    """

    name: str
    sweeps: int
    noticed_at: datetime | None = None

    def is_ahead_of(self, system: SystemState) -> bool:
        """Tell whether the ledger has forgotten sweeps that this machine has seen."""
        return self.name == system.name and system.sweeps < self.sweeps


def is_behind(runtime: Runtime, system: SystemState) -> bool:
    """Tell whether the ledger was restored from a copy, and not all that it has forgotten is held yet."""
    seen = last_seen(runtime)
    return seen is not None and seen.is_ahead_of(system)


def last_seen(runtime: Runtime) -> Seen | None:
    """What was noted last, or None when nothing (legible) was."""
    try:
        name, sweeps, *noticed = _file(runtime).read_text().split()
        return Seen(name, int(sweeps), datetime.fromisoformat(noticed[0]) if noticed else None)
    except (OSError, ValueError):
        return None


def note(runtime: Runtime, seen: Seen) -> None:
    """The sight of the ledger is on file, whole. Call after the commit: what is noted must outlive the machine."""
    noticed = f" {seen.noticed_at.isoformat()}" if seen.noticed_at else ""
    write_whole(_file(runtime), f"{seen.name} {seen.sweeps}{noticed}\n")


def _file(runtime: Runtime) -> Path:
    return runtime.settings.var / "ledger-seen"
