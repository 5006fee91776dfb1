"""The way to the ledger: transactions that write, transactions that read, and one sentence when it does not answer."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from nurture.store.engine import open_engine, rebuilding
from nurture.store.outage import Outage
from nurture.store.timeouts import HASTY, LedgerTimeouts


class Database:
    """The way to the ledger. Opens nothing before the first transaction."""

    def __init__(self, url: str, timeouts: LedgerTimeouts | None = None) -> None:
        self.engine = open_engine(url, timeouts or LedgerTimeouts())
        self.outage = Outage(self.engine)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """One transaction that writes; committed at the end, rolled back on an exception."""
        with self.outage.attempt(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One transaction that only reads, and so never waits for a writer."""
        engine = self.engine.execution_options(nurture_reads=True)
        with self.outage.attempt(), engine.connect() as connection:
            yield connection

    @contextmanager
    def rebuild(self) -> Iterator[Connection]:
        """One transaction that writes, and that may put another table in the place of one that others point to."""
        with self.outage.attempt(), self.engine.connect() as connection, rebuilding(connection):
            yield connection

    def hasty(self) -> "Database":
        """Another way to the same ledger, for whoever would rather hear nothing than wait."""
        return Database(self.engine.url.render_as_string(hide_password=False), HASTY)

    def close(self) -> None:
        """Every connection is let go; the next transaction opens a new one."""
        self.engine.dispose()
