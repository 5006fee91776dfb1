"""Deliveries that cannot be made and wait for config/ or templates/ to change."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select

from nurture.domain.delivery_state import DeliveryState
from nurture.store.queries.delivery_list import reasons_of
from nurture.store.schema import deliveries


def unmade_reasons(connection: Connection) -> list[tuple[str, int]]:
    """Why they cannot be made, and how many for each reason, the commonest first."""
    return reasons_of(connection, *_waiting())


def is_mended(connection: Connection, sources: str) -> bool:
    """Tell whether any waits that was last tried with other files than those of the digest `sources`."""
    wanted = select(deliveries.c.id).where(*_waiting(), deliveries.c.unmade_with != sources).limit(1)
    return connection.execute(wanted).first() is not None


def try_unmade(connection: Connection, now: datetime, *, sources: str = "") -> int:
    """Each that waits is due now, but for those last tried with the files of this digest; returns how many are."""
    # Who is at one of them this very moment tries it anyway.
    chosen = select(deliveries.c.id).where(*_waiting(), deliveries.c.unmade_with != sources)
    ids = connection.execute(chosen.order_by(deliveries.c.id).with_for_update(skip_locked=True)).scalars().all()
    due = {"not_before": now, "dispatched_at": None}
    connection.execute(deliveries.update().where(deliveries.c.id.in_(ids)).values(due))
    return len(ids)


def _waiting() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return deliveries.c.state == DeliveryState.QUEUED, deliveries.c.unmade_with.is_not(None)
