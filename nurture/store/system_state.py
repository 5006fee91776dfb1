"""The one row that the ledger keeps of itself: its name, how often it was swept, and whether its mail is stopped."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, exists, func, select

from nurture.domain.delivery_state import DeliveryState
from nurture.domain.retry import STOPS
from nurture.store.schema import deliveries, system_state
from nurture.store.types import database_now

# Added to the number of sweeps once a ledger was restored from a copy. No ledger is swept so often between a copy and
# its return, so from then on the number is above the one that any machine has on file.
LEAP = 1_000_000
# A sweep that has not been heard of for so long is taken for dead. Renewed after every set.
_SWEEP_LEASE = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class SystemState:
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


def read_system_state(connection: Connection) -> SystemState:
    """What the ledger says of itself now."""
    return _as_state(connection.execute(select(system_state)).one())


def lock_system_state(connection: Connection) -> SystemState:
    """What the ledger says of itself; no other sweep is counted until this transaction ends."""
    return _as_state(connection.execute(select(system_state).with_for_update()).one())


def is_being_swept(connection: Connection) -> bool:
    """Tell whether some process is at a sweep. Call with the row locked."""
    at_work = select(exists().where(system_state.c.sweeping_until > database_now()))
    return bool(connection.execute(at_work).scalar_one())


def count_sweep(connection: Connection, sweeps: int, now: datetime) -> None:
    """The ledger was swept for the `sweeps`th time, now."""
    connection.execute(system_state.update().values(sweeps=sweeps, swept_at=now))


def go_on_sweeping(connection: Connection, sweeps: int, now: datetime) -> bool:
    """The `sweeps`th sweep is at work; tells whether it is the last one that began."""
    lease = {"swept_at": now, "sweeping_until": database_now(_SWEEP_LEASE)}
    renewed = system_state.update().where(system_state.c.sweeps == sweeps).values(lease)
    return connection.execute(renewed).rowcount == 1


def end_sweep(connection: Connection, sweeps: int) -> None:
    """The `sweeps`th sweep is over, and the next may begin."""
    own = system_state.update().where(system_state.c.sweeps == sweeps)
    connection.execute(own.values(sweeping_until=None))


def stop_mail(connection: Connection, until: datetime | None, reason: str | None) -> None:
    """No mail goes before `until` (UTC); with None, mail goes again."""
    connection.execute(system_state.update().values(stopped_until=until, stopped_reason=reason))


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


def _as_state(row: Row[tuple[object, ...]]) -> SystemState:
    return SystemState(row.name, row.sweeps, row.swept_at, row.stopped_until, row.stopped_reason)
