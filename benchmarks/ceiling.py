"""How fast the relay takes mail at all on this machine: smtp-source over ten connections, which keeps no record."""

import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.parts.relay import relay, smtp_tool

# As long as the article is when it leaves.
_BYTES, _CONNECTIONS = 31_000, 10


def measure_ceiling(mails: int, delay: float = 0.0) -> float:
    """Mails a second."""
    with tempfile.TemporaryDirectory() as folder, relay(delay, Path(folder)) as sink:
        sizes = ["-s", str(_CONNECTIONS), "-m", str(mails), "-l", str(_BYTES)]
        people = ["-f", "clinic@example.com", "-t", "lead@example.com"]
        command = [smtp_tool("smtp-source"), "-d", *sizes, *people, f"127.0.0.1:{sink.port}"]
        began = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603
        return mails / (time.perf_counter() - began)
