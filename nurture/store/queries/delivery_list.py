"""Deliveries for people to read: lists, and how many stand where. Changes nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from nurture.domain.delivery_state import DeliveryState
from nurture.store.deliveries import Delivery, as_delivery
from nurture.store.schema import deliveries, enrolments, leads


@dataclass(frozen=True, slots=True)
class Listed:
    """A delivery with the campaign it belongs to, for people to read."""

    delivery: Delivery
    campaign: str
    enrolment_public_id: str
    email: str


def listed(
    connection: Connection,
    *,
    state: str | None = None,
    lead_id: int | None = None,
    delivery_id: int | None = None,
    limit: int = 1000,
) -> list[Listed]:
    """Deliveries for people to read, the latest first."""
    wanted = {deliveries.c.state: state, deliveries.c.lead_id: lead_id, deliveries.c.id: delivery_id}
    return _listed(connection, (column == value for column, value in wanted.items() if value is not None), limit)


def gone_twice(connection: Connection, limit: int = 1000) -> list[Listed]:
    """Deliveries of which a reader may have more than one copy, the latest first.

    Each time in doubt is a copy that the relay may have, and its 250 one that it has. Of what staff have settled
    the relay said nothing, and their word stands in the reason.
    """
    was_taken = and_(deliveries.c.state == DeliveryState.SENT, deliveries.c.reason.is_(None))
    has_copies = or_(deliveries.c.times_in_doubt > 1, and_(deliveries.c.times_in_doubt > 0, was_taken))
    return _listed(connection, (has_copies, deliveries.c.state != DeliveryState.FAILED), limit)


def count_by_state(connection: Connection) -> dict[DeliveryState, int]:
    """How many deliveries stand in each state."""
    rows = connection.execute(select(deliveries.c.state, func.count()).group_by(deliveries.c.state))
    return {DeliveryState(state): count for state, count in rows}


def reasons_of(connection: Connection, *conditions: ColumnElement[bool]) -> list[tuple[str, int]]:
    """The reasons of the deliveries that meet the conditions, and how many have each, the commonest first."""
    count = func.count()
    counted = select(func.coalesce(deliveries.c.reason, ""), count).where(*conditions).group_by(deliveries.c.reason)
    return [(reason, number) for reason, number in connection.execute(counted.order_by(count.desc()))]


def failures_since(connection: Connection, since: datetime) -> list[tuple[str, int]]:
    """Why deliveries have failed since then, the commonest reason first. What staff have settled is not among them."""
    is_recent = deliveries.c.settled_at >= since
    return reasons_of(
        connection, deliveries.c.state == DeliveryState.FAILED, is_recent, deliveries.c.times_in_doubt == 0
    )


def put_off(connection: Connection, now: datetime) -> list[str]:
    """Why each delivery that failed before waits for its next attempt, the next one first."""
    reason, is_queued = deliveries.c.reason, deliveries.c.state == DeliveryState.QUEUED
    waiting = select(reason).where(
        is_queued,
        deliveries.c.attempts > 0,
        deliveries.c.not_before > now,
        deliveries.c.unmade_with.is_(None),
        reason.is_not(None),
    )
    return list(connection.execute(waiting.order_by(deliveries.c.not_before)).scalars())


def _listed(connection: Connection, conditions: Iterable[ColumnElement[bool]], limit: int) -> list[Listed]:
    statement = (
        select(deliveries, enrolments.c.campaign, enrolments.c.public_id, leads.c.email)
        .join(enrolments, enrolments.c.id == deliveries.c.enrolment_id)
        .join(leads, leads.c.id == deliveries.c.lead_id)
        .where(*conditions)
        .order_by(deliveries.c.id.desc())
        .limit(limit)
    )
    rows = connection.execute(statement)
    return [Listed(as_delivery(row), row.campaign, row.public_id, row.email or "") for row in rows]
