"""What the ledger knows of itself: its name, how often it was swept, and whether its mail is stopped."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, func, select

from nurture.domain.enrolment import DeliveryState
from nurture.domain.retry import STOPS
from nurture.store.schema import deliveries, ledger
from nurture.store.types import database_now

# A restored ledger leaps ahead of everything that any worker can have seen of the one it replaces.
LEAP = 1_000_000


@dataclass(frozen=True, slots=True)
class Standing:
    """The ledger's own row. `sweeps` only ever rises, except when an older copy is put in its place."""

    name: str
    sweeps: int
    swept_at: datetime | None
    stopped_until: datetime | None
    stopped_reason: str | None

    def is_stopped(self, now: datetime) -> bool:
        """Tell whether the relay was away or refused us a moment ago, so that no mail may go yet.

        A stop that ends later than any may was written by a clock that was wrong.
        """
        return self.stopped_until is not None and now < self.stopped_until <= now + max(STOPS.values())


def read_standing(connection: Connection) -> Standing:
    """How the ledger stands now."""
    return _standing(connection.execute(select(ledger)).one())


def lock_standing(connection: Connection) -> Standing:
    """How the ledger stands; no other sweep is counted until this transaction ends."""
    return _standing(connection.execute(select(ledger).with_for_update()).one())


def count_sweep(connection: Connection, sweeps: int, now: datetime) -> None:
    """The ledger was swept for the `sweeps`th time, now."""
    connection.execute(ledger.update().values(sweeps=sweeps, swept_at=now))


def stop_mail(connection: Connection, until: datetime | None, reason: str | None) -> None:
    """No mail goes before `until` (UTC); with None, mail goes again."""
    connection.execute(ledger.update().values(stopped_until=until, stopped_reason=reason))


def last_sent_at(connection: Connection) -> datetime | None:
    """When a mail was last taken by the relay."""
    latest = func.max(deliveries.c.settled_at, type_=deliveries.c.settled_at.type)
    instant: datetime | None = connection.execute(
        select(latest).where(deliveries.c.state == DeliveryState.SENT)
    ).scalar_one()
    return instant


def time_of(connection: Connection) -> datetime:
    """What the database's own clock shows (UTC)."""
    return connection.execute(select(database_now())).scalar_one()


def _standing(row: Row[tuple[object, ...]]) -> Standing:
    return Standing(row.name, row.sweeps, row.swept_at, row.stopped_until, row.stopped_reason)
