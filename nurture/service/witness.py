"""What this machine has seen of the ledger, kept beside it: a ledger that is behind this was restored from a copy."""

from dataclasses import dataclass
from pathlib import Path

from nurture.service.runtime import Runtime
from nurture.store.standing import Standing
from nurture.whole_file import write_whole


@dataclass(frozen=True, slots=True)
class Seen:
    """The ledger's name, and how often it had been swept when this machine last swept it."""

    name: str
    sweeps: int


def is_behind(runtime: Runtime, standing: Standing) -> bool:
    """Tell whether the ledger has forgotten sweeps that this machine has seen."""
    seen = last_seen(runtime)
    return seen is not None and seen.name == standing.name and standing.sweeps < seen.sweeps


def last_seen(runtime: Runtime) -> Seen | None:
    """What was noted last, or None when nothing (legible) was."""
    try:
        name, sweeps = _file(runtime).read_text().split()
        return Seen(name, int(sweeps))
    except (OSError, ValueError):
        return None


def note(runtime: Runtime, seen: Seen) -> None:
    """The sight of the ledger is on file, whole. Call after the commit: what is noted must outlive the machine."""
    write_whole(_file(runtime), f"{seen.name} {seen.sweeps}\n")


def _file(runtime: Runtime) -> Path:
    return runtime.settings.var / "ledger-seen"
