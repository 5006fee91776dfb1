"""What a process that runs on says of a ledger that is away: one line when it goes, one when it is back."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from nurture.domain.errors import AwayError, StoreError
from nurture.store.database import Database

log = logging.getLogger("nurture.ledger")


@contextmanager
def told(database: Database) -> Iterator[None]:
    """Whatever the ledger keeps from being done in here is left to a later sweep, and has been said."""
    try:
        yield
    except AwayError:
        pass
    except StoreError as error:
        log.warning("%s", error)
    finally:
        tell(database)


def tell(database: Database) -> None:
    """What is new of the ledger stands in the log."""
    while news := database.outage.news():
        log.warning("%s", news)
