"""The outbox: which deliveries workers are still to be told of. Speaks to no broker; service/dispatch.py does.

This is a *transactional outbox*. A database and a broker cannot commit together: who commits the row and then tells the
broker may die in between, and who tells first may tell of a row that never comes to be. So the row is the work itself,
written in the transaction of whatever caused it, and the broker carries no more than a hint, as often as it takes:

    a signup commits     delivery 7 is queued
    it is dispatched     `dispatched_at` is now, and the hint [7] goes to the broker
    the broker dies      and the hint with it
    a minute later       7 is still queued, its hint is old and none waits in the broker: it is dispatched again

So workers hear of a delivery at least once, perhaps twice; the claim makes twice harmless (see deliveries.py).
`dispatched_at` says only that no other hint need go yet: if it is wrong, mail is late, never lost and never doubled. It
goes by the database's clock, because those of two machines need not agree on what is old.

Rejected: the broker as the memory (Celery on Redis lost 16 of 30,000 tasks for good when workers were killed); a table
of messages beside the rows (a second truth, to be emptied and held to the first); following the database's own log
(SQLite has none to follow).
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, func, literal, or_, select

from nurture.domain.delivery_state import DeliveryState
from nurture.domain.message import MailKind
from nurture.store.among import among
from nurture.store.schema import deliveries
from nurture.store.types import database_now

# No worker keeps a hint that long before it claims the last of it, or gives it back (see worker/celery_app.py).
DISPATCH_AGAIN_AFTER = timedelta(seconds=60)


def undispatched(
    connection: Connection,
    now: datetime,
    limit: int,
    kinds: Collection[MailKind] = tuple(MailKind),
    *,
    or_lost: bool = True,
) -> list[int]:
    """Queued deliveries that may go now and that no hint is on its way for, those that have waited longest first.

    `or_lost` counts the hints of a minute ago as lost: say so while none waits in the broker.
    """
    hint_is_lost = and_(literal(or_lost), deliveries.c.dispatched_at < database_now(-DISPATCH_AGAIN_AFTER))
    statement = (
        select(deliveries.c.id)
        .where(
            deliveries.c.state == DeliveryState.QUEUED,
            deliveries.c.not_before <= now,
            deliveries.c.kind.in_(kinds),
            or_(deliveries.c.dispatched_at.is_(None), hint_is_lost),
        )
        .order_by(deliveries.c.not_before, deliveries.c.id)
        .limit(limit)
    )
    return list(connection.execute(statement).scalars())


def kinds_of(connection: Connection, ids: list[int]) -> dict[int, MailKind]:
    """What each of these deliveries is to its reader."""
    found = connection.execute(select(deliveries.c.id, deliveries.c.kind).where(among(deliveries.c.id, ids)))
    return {row.id: MailKind(row.kind) for row in found}


def overdue(connection: Connection, before: datetime) -> int:
    """How many queued deliveries might have gone before that instant, and no worker took them."""
    waiting = select(func.count()).where(deliveries.c.state == DeliveryState.QUEUED, deliveries.c.not_before < before)
    return connection.execute(waiting).scalar_one()


def mark_dispatched(connection: Connection, ids: list[int]) -> None:
    """Hints for these deliveries are on their way, or will be right after the commit."""
    connection.execute(deliveries.update().where(among(deliveries.c.id, ids)).values(dispatched_at=database_now()))


def mark_undispatched(connection: Connection, ids: list[int]) -> None:
    """No hint for these deliveries is on its way."""
    connection.execute(deliveries.update().where(among(deliveries.c.id, ids)).values(dispatched_at=None))
