"""How a database is opened, and how SQLite's transactions begin. PostgreSQL has a file of its own."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry

from nurture.domain.errors import ConfigError, StoreError
from nurture.store.timeouts import LedgerTimeouts

_LOCK_SECONDS = 30
_WAL_TRIES, _WAL_PAUSE = 200, 0.05
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def open_engine(url: str, timeouts: LedgerTimeouts) -> Engine:
    """The way to the database of that address; no connection is open yet. Raises ConfigError when it is no address."""
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise ConfigError(f"NURTURE_DATABASE_URL is not a database address: {first_line(error)}.") from error
    match backend:
        case "postgresql" if 0 < (parsed.port or 5432) < 65536:
            # Its driver takes longer to load than most commands take with SQLite.
            from nurture.store.postgresql import open_postgresql  # noqa: PLC0415

            return open_postgresql(parsed.set(drivername="postgresql+psycopg"), timeouts)
        case "postgresql":
            raise ConfigError(f"NURTURE_DATABASE_URL names the port {parsed.port}; a port is a number up to 65535.")
        case "sqlite" if parsed.database in {None, "", ":memory:"} or parsed.query:
            # In memory every connection would have a ledger of its own, and all of them would be forgotten.
            raise ConfigError(
                "NURTURE_DATABASE_URL must name a file and nothing else, such as sqlite:////srv/nurture.db."
            )
        case "sqlite":
            return _sqlite(parsed.set(drivername="sqlite"))
    raise ConfigError(f"NURTURE_DATABASE_URL names {backend}; use postgresql:// or sqlite://.")


def _sqlite(url: URL) -> Engine:
    folder = Path(url.database or "").absolute().parent
    if not folder.is_dir():
        # Made for somebody's slip, it would hold a second ledger that knows nobody who said no.
        raise ConfigError(
            f"NURTURE_DATABASE_URL names a file in {folder}, which is no folder. Nothing was changed. "
            "Make the folder, or correct the address."
        )
    options = {"timeout": _LOCK_SECONDS, "check_same_thread": False}
    # An error quotes its statement, and must not quote the names and addresses in it: errors end up in logs.
    engine = create_engine(url, connect_args=options, hide_parameters=True)
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _entry: ConnectionPoolEntry) -> None:
    # The driver would begin transactions by itself, deferred ones, which fail at once instead of waiting.
    connection.isolation_level = None
    _use_wal(connection)
    # FULL: a promise to a lead must survive a power cut, as on PostgreSQL.
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _use_wal(connection: Any) -> None:
    """The database is in WAL mode. Turning it on does not wait for others as statements do, so it is tried again."""
    for _ in range(_WAL_TRIES):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode not in _BUSY:
                raise
            time.sleep(_WAL_PAUSE)
        else:
            return
    connection.execute("PRAGMA journal_mode=WAL")


def _begin_sqlite(connection: Connection) -> None:
    reads = connection.get_execution_options().get("nurture_reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def first_line(error: Exception) -> str:
    """What the database itself says, without its full stop."""
    return str(getattr(error, "orig", None) or error).strip().splitlines()[0].rstrip(".")


@contextmanager
def rebuilding(connection: Connection) -> Iterator[None]:
    """One transaction in which tables may be replaced. On SQLite what points to their rows is looked at in the end."""
    if connection.dialect.name != "sqlite":
        from nurture.store.postgresql import lift_timeouts  # noqa: PLC0415

        with connection.begin():
            lift_timeouts(connection)
            yield
        return
    # Said within a transaction this does nothing, and while they are on, no table that others point to can be dropped.
    raw: Any = connection.connection.dbapi_connection
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        with connection.begin():
            yield
            if connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                raise StoreError("The upgrade would leave rows that point to nothing, so nothing was changed.")
    finally:
        raw.execute("PRAGMA foreign_keys=ON")
