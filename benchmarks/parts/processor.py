"""What processes cost, read from /proc: processor time and memory of one with all that it started."""

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")


def family(pid: int) -> list[int]:
    """The process, and every one that it started and that still lives."""
    children: dict[int, list[int]] = {}
    for folder in _PROC.iterdir():
        if folder.name.isdigit() and (fields := _stat(int(folder.name))):
            children.setdefault(int(fields[1]), []).append(int(folder.name))
    found, new = [], [pid]
    while new:
        each = new.pop()
        found.append(each)
        new += children.get(each, [])
    return found


def processor_seconds(pid: int) -> float:
    """User and system time of the process and of all that it started, those that have ended among them."""
    # Fields 14 to 17 of proc(5): utime, stime, cutime and cstime, the latter two of children that were waited for.
    return sum(sum(int(ticks) for ticks in _stat(each)[11:15]) for each in family(pid)) / _TICKS


def megabytes(pid: int) -> float:
    """The memory of the process and of all that it started; what several share counts once (Pss)."""
    return sum(_rollup(each, "Pss:") for each in family(pid)) / 1024


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the third on, because the second may hold spaces; none when it has ended."""
    try:
        return (_PROC / str(pid) / "stat").read_text().rpartition(") ")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _rollup(pid: int, key: str) -> int:
    try:
        lines = (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(key)), 0)
