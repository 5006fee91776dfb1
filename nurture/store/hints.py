"""Which deliveries have a hint on its way to a worker. What is lost on the way is found here, and hinted at again."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, func, or_, select

from nurture.domain.delivery_state import DeliveryState
from nurture.domain.message import MailKind
from nurture.store.schema import deliveries
from nurture.store.types import database_now

# A hint that a worker has not acted on by then is published again.
REPUBLISH_AFTER = timedelta(seconds=60)


def unpublished(connection: Connection, now: datetime, limit: int) -> list[tuple[int, MailKind]]:
    """Queued deliveries that may go now and that no hint is on its way for, those asked for first."""
    hint_is_lost = deliveries.c.published_at < database_now(-REPUBLISH_AFTER)
    statement = (
        select(deliveries.c.id, deliveries.c.kind)
        .where(
            deliveries.c.state == DeliveryState.QUEUED,
            deliveries.c.not_before <= now,
            or_(deliveries.c.published_at.is_(None), hint_is_lost),
        )
        .order_by(deliveries.c.kind == MailKind.NURTURE, deliveries.c.id)
        .limit(limit)
    )
    return [(row.id, MailKind(row.kind)) for row in connection.execute(statement)]


def overdue(connection: Connection, before: datetime) -> int:
    """How many queued deliveries might have gone before that instant, and no worker took them."""
    waiting = select(func.count()).where(deliveries.c.state == DeliveryState.QUEUED, deliveries.c.not_before < before)
    return connection.execute(waiting).scalar_one()


def mark_published(connection: Connection, ids: list[int]) -> None:
    """Hints for these deliveries are on their way, or will be right after the commit."""
    connection.execute(deliveries.update().where(deliveries.c.id.in_(ids)).values(published_at=database_now()))


def mark_unpublished(connection: Connection, ids: list[int]) -> None:
    """No hint for these deliveries is on its way."""
    connection.execute(deliveries.update().where(deliveries.c.id.in_(ids)).values(published_at=None))
