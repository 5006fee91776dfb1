"""One database, SQLite or PostgreSQL: how it is opened, how a transaction begins, and who may write a row now."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from nurture.domain.errors import ConfigError, StoreError

_LOCK_SECONDS = 30
# An error quotes its statement, and must not quote the names and addresses in it: errors end up in logs.
_QUIET = {"hide_parameters": True}
_WAL_TRIES, _WAL_PAUSE = 200, 0.05
# Said to the server, whatever it has as its default: who waited for a lead's lock must then read what was committed
# meanwhile, and a stricter transaction reads what stood there before.
_ISOLATION = "READ COMMITTED"


class Database:
    """The way to the ledger. Opens nothing before the first transaction."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """One transaction that writes; committed at the end, rolled back on an exception."""
        with self._reachable(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One transaction that only reads, and so never waits for a writer."""
        engine = self.engine.execution_options(nurture_reads=True)
        with self._reachable(), engine.connect() as connection:
            yield connection

    def close(self) -> None:
        """Every connection is let go; the next transaction opens a new one."""
        self.engine.dispose()

    @contextmanager
    def _reachable(self) -> Iterator[None]:
        try:
            yield
        except OperationalError as error:
            shown = self.engine.url.render_as_string(hide_password=True)
            raise StoreError(
                f"The database {shown} does not answer: {_first_line(error)}. Nothing was changed."
            ) from error


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
            pool = {"pool_pre_ping": True, "pool_size": 5, "max_overflow": 15}
            timeouts = {"connect_timeout": 5}
            return create_engine(parsed, connect_args=timeouts, isolation_level=_ISOLATION, **pool, **_QUIET)
        if parsed.get_backend_name() == "sqlite":
            return _sqlite(parsed.database or "", parsed.render_as_string())
    except (ArgumentError, NoSuchModuleError) as error:
        raise ConfigError(f"NURTURE_DATABASE_URL is not a database address: {_first_line(error)}.") from error
    raise ConfigError(f"NURTURE_DATABASE_URL names {parsed.get_backend_name()}; use postgresql:// or sqlite://.")


def _sqlite(path: str, url: str) -> Engine:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": _LOCK_SECONDS, "check_same_thread": False}, **_QUIET)
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
        with suppress(sqlite3.OperationalError):
            connection.execute("PRAGMA journal_mode=WAL")
            return
        time.sleep(_WAL_PAUSE)
    connection.execute("PRAGMA journal_mode=WAL")


def _begin_sqlite(connection: Connection) -> None:
    reads = connection.get_execution_options().get("nurture_reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _first_line(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).strip().splitlines()[0].rstrip(".")
