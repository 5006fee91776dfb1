"""The way to the ledger: transactions that write, transactions that read, and one sentence when it does not answer."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, NotSupportedError, OperationalError

from nurture.domain.errors import StoreError
from nurture.store.engine import first_line, open_engine, rebuilding


class Database:
    """The way to the ledger. Opens nothing before the first transaction."""

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url)

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

    @contextmanager
    def rebuild(self) -> Iterator[Connection]:
        """One transaction that writes, and that may put another table in the place of one that others point to."""
        with self._reachable(), self.engine.connect() as connection, rebuilding(connection):
            yield connection

    def close(self) -> None:
        """Every connection is let go; the next transaction opens a new one."""
        self.engine.dispose()

    @contextmanager
    def _reachable(self) -> Iterator[None]:
        try:
            yield
        except (DataError, IntegrityError, NotSupportedError):
            # One statement is wrong, and not the ledger as a whole.
            raise
        except DBAPIError as error:
            raise StoreError(self._sentence(error)) from error

    def _sentence(self, error: DBAPIError) -> str:
        shown = self.engine.url.render_as_string(hide_password=True)
        if self.engine.dialect.name == "sqlite":
            what, then = (
                "cannot be used",
                "Look at the file and its disk; one that is broken comes back from your backup.",
            )
        elif isinstance(error, OperationalError):
            what, then = "does not answer", "Is it running, and is NURTURE_DATABASE_URL right?"
        else:
            what, then = "is not as this version needs it", "Run `nurture upgrade`, and then `nurture check`."
        return f"The database {shown} {what}: {first_line(error)}. Nothing was changed. {then}"
