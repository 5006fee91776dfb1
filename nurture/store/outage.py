"""Whether the ledger is away, as news: told once when it goes and once when it is back, however often it is asked.

While it is away one thread at a time tries; the others are told at once, so that no page waits for the same silence.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    NotSupportedError,
    OperationalError,
    PendingRollbackError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from nurture.domain.errors import AwayError, StoreError
from nurture.store.engine import first_line

#: What says that the ledger is in trouble, and nothing of the rows that were at stake.
TROUBLE = (OperationalError, InterfaceError, PendingRollbackError, PoolTimeoutError)


class Outage:
    """One for each process's way to the ledger."""

    def __init__(self, engine: Engine) -> None:
        self._shown = engine.url.render_as_string(hide_password=True)
        self._is_a_file = engine.dialect.name == "sqlite"
        self._one_tries = threading.RLock()
        self._sentence: str | None = None
        self._since = 0.0
        self._news: list[str] = []

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A transaction is tried in here; raises AwayError for a ledger that is away, StoreError for other trouble."""
        is_away = self._sentence is not None
        if is_away and not self._one_tries.acquire(blocking=False):
            raise AwayError(self._sentence)
        try:
            yield
        except (DataError, IntegrityError, NotSupportedError):
            # One statement is wrong, and not the ledger as a whole.
            raise
        except (DBAPIError, *TROUBLE) as error:
            raise self._failed(error) from error
        else:
            self._answered()
        finally:
            if is_away:
                self._one_tries.release()

    def news(self) -> str | None:
        """What whoever goes on running should say now, if anything; the next call has the next."""
        return self._news.pop(0) if self._news else None

    def _failed(self, error: Exception) -> StoreError:
        what, then = self._trouble(error)
        sentence = f"The database {self._shown} {what}: {first_line(error)}. Nothing was changed. {then}"
        if not _is_away(error):
            return StoreError(sentence)
        if self._sentence is None:
            self._sentence, self._since = sentence, time.monotonic()
            self._news.append(f"{sentence} (Said once; it is tried again whenever it is needed.)")
        return AwayError(sentence)

    def _trouble(self, error: Exception) -> tuple[str, str]:
        if self._is_a_file:
            return "cannot be used", "Look at the file and its disk; one that is broken comes back from your backup."
        if _is_away(error):
            return "does not answer", "Is it running, and is NURTURE_DATABASE_URL right?"
        if isinstance(error, OperationalError):
            return "is busy", "Try again in a moment."
        return "is not as this version needs it", "Run `nurture upgrade`, and then `nurture check`."

    def _answered(self) -> None:
        if self._sentence is not None:
            self._sentence = None
            self._news.append(
                f"The database {self._shown} answers again, after {time.monotonic() - self._since:.0f} s."
            )


def _is_away(error: Exception) -> bool:
    """Tell a server that is gone or mute from one that answers, and be it that somebody else holds the lock."""
    # What fails without a statement failed at connecting or committing.
    return not isinstance(error, DBAPIError) or error.connection_invalidated or error.statement is None
