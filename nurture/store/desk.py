"""Mail to the desk as a whole: what went of late, what waits for the next digest, and what one tells of."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, exists, func, literal, select

from nurture.domain.delivery_state import DeliveryState
from nurture.domain.message import MailKind
from nurture.store.deliveries import Delivery, as_delivery
from nurture.store.schema import deliveries, enrolments

# Any number that no other lock of this kind has.
_LOCK = 8_172_206_677
_UNDER_WAY = (DeliveryState.CLAIMED, DeliveryState.HANDED)
_TOLD = (DeliveryState.SENT, DeliveryState.UNCERTAIN)
# Said in the statement itself, so that the index of these few is used.
_IS_STAFF = deliveries.c.kind == literal(MailKind.STAFF.value, literal_execute=True)


def lock_desk(connection: Connection) -> None:
    """Nobody else decides on mail to the desk until this transaction ends. Comes after the lead's lock."""
    # On SQLite there is one writer anyway.
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def told_since(connection: Connection, since: datetime, now: datetime, but: Collection[str]) -> list[datetime]:
    """When each mail to the desk went after `since`, oldest first; one that is under way goes now.

    Those of the campaigns in `but` are left out.
    """
    went = select(deliveries.c.settled_at).where(
        _IS_STAFF, deliveries.c.state.in_(_TOLD), deliveries.c.settled_at > since, ~_is_of(but)
    )
    under_way = select(func.count()).where(_IS_STAFF, deliveries.c.state.in_(_UNDER_WAY), ~_is_of(but))
    going = connection.execute(under_way).scalar_one()
    return [*connection.execute(went.order_by(deliveries.c.settled_at)).scalars(), *[now] * going]


def first_waiting(connection: Connection, delivery: Delivery, but: Collection[str]) -> Delivery | None:
    """The mail that was put off first and will tell of all that wait, if not this one, nor of a campaign in `but`."""
    waiting = select(deliveries).where(
        _IS_STAFF,
        deliveries.c.state == DeliveryState.QUEUED,
        deliveries.c.attempts == 0,
        # One that cannot be made, or decided, says why, and would keep the others' news to itself.
        deliveries.c.reason.is_(None),
        deliveries.c.not_before > deliveries.c.queued_at,
        deliveries.c.digest_id.is_(None),
        deliveries.c.id != delivery.id,
        ~_is_of(but),
    )
    row = connection.execute(waiting.order_by(deliveries.c.id).limit(1)).one_or_none()
    return as_delivery(row) if row else None


def join_digest(connection: Connection, delivery: Delivery, digest_id: int | None) -> None:
    """The delivery is told of in that mail; with None, in its own."""
    connection.execute(deliveries.update().where(deliveries.c.id == delivery.id).values(digest_id=digest_id))


def told_with(connection: Connection, digest_id: int) -> list[Delivery]:
    """The deliveries that this mail tells of besides itself, oldest first."""
    told = select(deliveries).where(_IS_STAFF, deliveries.c.digest_id == digest_id)
    return [as_delivery(row) for row in connection.execute(told.order_by(deliveries.c.id))]


def _is_of(campaigns: Collection[str]) -> ColumnElement[bool]:
    """Tell whether the delivery belongs to one of these campaigns."""
    return exists().where(enrolments.c.id == deliveries.c.enrolment_id, enrolments.c.campaign.in_(campaigns))
