"""The outbox: which deliveries workers are still to be told of. Speaks to no broker; service/dispatch.py does.

This is a *transactional outbox*. A database and a broker cannot commit together: who commits the row and then tells the
broker may die in between, and who tells first may tell of a row that never comes to be. So the row is the work itself,
written in the transaction of whatever caused it, and the broker carries no more than a hint, as often as it takes:

    a signup commits     delivery 7 is queued
    it is dispatched     `dispatched_at` is now, and the hint [7] goes to the broker
    the broker dies      and the hint with it
    a minute later       7 is still queued and its hint is old: the next sweep dispatches it again

So workers hear of a delivery at least once, perhaps twice; the claim makes twice harmless (see deliveries.py).
`dispatched_at` says only that no other hint need go yet: if it is wrong, mail is late, never lost and never doubled. It
goes by the database's clock, because those of two machines need not agree on what is old.

Rejected: the broker as the memory (Celery on Redis lost 16 of 30,000 tasks for good when workers were killed); a table
of messages beside the rows (a second truth, to be emptied and held to the first); following the database's own log
(SQLite has none to follow).
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, func, or_, select

from nurture.domain.delivery_state import DeliveryState
from nurture.domain.message import MailKind
from nurture.store.schema import deliveries
from nurture.store.types import database_now

# A delivery whose hint no worker has acted on by then is dispatched again.
DISPATCH_AGAIN_AFTER = timedelta(seconds=60)


def undispatched(connection: Connection, now: datetime, limit: int) -> list[tuple[int, MailKind]]:
    """Queued deliveries that may go now and that no hint is on its way for, those asked for first."""
    hint_is_lost = deliveries.c.dispatched_at < database_now(-DISPATCH_AGAIN_AFTER)
    statement = (
        select(deliveries.c.id, deliveries.c.kind)
        .where(
            deliveries.c.state == DeliveryState.QUEUED,
            deliveries.c.not_before <= now,
            or_(deliveries.c.dispatched_at.is_(None), hint_is_lost),
        )
        .order_by(deliveries.c.kind == MailKind.NURTURE, deliveries.c.id)
        .limit(limit)
    )
    return [(row.id, MailKind(row.kind)) for row in connection.execute(statement)]


def overdue(connection: Connection, before: datetime) -> int:
    """How many queued deliveries might have gone before that instant, and no worker took them."""
    waiting = select(func.count()).where(deliveries.c.state == DeliveryState.QUEUED, deliveries.c.not_before < before)
    return connection.execute(waiting).scalar_one()


def mark_dispatched(connection: Connection, ids: list[int]) -> None:
    """Hints for these deliveries are on their way, or will be right after the commit."""
    connection.execute(deliveries.update().where(deliveries.c.id.in_(ids)).values(dispatched_at=database_now()))


def mark_undispatched(connection: Connection, ids: list[int]) -> None:
    """No hint for these deliveries is on its way."""
    connection.execute(deliveries.update().where(deliveries.c.id.in_(ids)).values(dispatched_at=None))
