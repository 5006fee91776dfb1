"""Where a figure comes from: the machine, the versions and the commit."""

import os
import platform
import subprocess

from benchmarks.installation import ROOT
from benchmarks.parts.postgresql import version


def machine(database: str) -> dict[str, object]:
    """What has to stand beside a figure before two of them can be compared."""
    commit = ["git", "-C", str(ROOT), "describe", "--always", "--dirty"]
    return {
        "processors": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "database": version() if database == "postgresql" else "SQLite",
        "commit": subprocess.run(commit, check=False, capture_output=True, text=True).stdout.strip(),  # noqa: S603
    }
