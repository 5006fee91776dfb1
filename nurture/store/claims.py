"""Claims in sets, each in one statement: what is free, taken under leases, or put off. Call with the leads locked."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, case, func, literal, select

from nurture.domain.delivery_state import DeliveryState
from nurture.store.among import among
from nurture.store.deliveries import COLUMNS, Delivery, delivery_of
from nurture.store.row_sets import RowSet, SetStatement
from nurture.store.schema import deliveries, events

# Longer than a relay is given for everything before the final dot.
LEASE = timedelta(minutes=5)

_TAKEN = RowSet("taken", (("id", "bigint"), ("fence", "integer")))
_AS_READ = "deliveries.fence = taken.fence AND state = 'queued'"
_CLAIM = SetStatement(
    f"""
    UPDATE deliveries
    SET state = 'claimed', fence = deliveries.fence + 1, attempts = attempts + 1, unmade_with = NULL,
        not_before = :now, leased_until = {{later}}
    FROM {{taken}}
    WHERE deliveries.id = taken.id AND {_AS_READ}
    RETURNING deliveries.id
    """,  # noqa: S608
    _TAKEN,
    lease=LEASE,
)
_EVENTS_SEEN = select(func.count()).where(events.c.lead_id == deliveries.c.lead_id).scalar_subquery()
_FREE = select(*COLUMNS, _EVENTS_SEEN).where(
    among(deliveries.c.id),
    deliveries.c.state == DeliveryState.QUEUED,
    deliveries.c.not_before <= bindparam("now", type_=deliveries.c.not_before.type),
)


@dataclass(frozen=True, slots=True)
class Free:
    """A delivery that may be claimed, and how many events the ledger has of its lead."""

    delivery: Delivery
    events_seen: int


def free(connection: Connection, ids: Collection[int], now: datetime) -> list[Free]:
    """Those of the deliveries that nobody has, and that do not wait, in the order of the ids."""
    rows = connection.execute(_FREE, {"ids": ids, "now": now}).all()
    found = {row[0]: Free(delivery_of(row[:-1]), row[-1]) for row in rows}
    return [found[each] for each in dict.fromkeys(ids) if each in found]


def claim(connection: Connection, chosen: Sequence[Delivery], now: datetime) -> list[Delivery]:
    """The deliveries, claimed under a lease and a new fence; without those that somebody else was at first.

    `not_before` then says when it was claimed, so that whoever decides on another mail to the lead sees one of today.
    """
    if not chosen:
        return []
    taken = set(_CLAIM.execute(connection, [(each.id, each.fence) for each in chosen], now=now).scalars())
    return [_claimed(each, now) for each in chosen if each.id in taken]


def put_off(connection: Connection, waits: Sequence[tuple[Delivery, datetime]], sources: str) -> None:
    """Each delivery waits until that instant; one that cannot be made of other files, not for a change of these."""
    known = case((deliveries.c.unmade_with.is_not(None), literal(sources)))
    statement = deliveries.update().where(
        deliveries.c.id == bindparam("number"),
        deliveries.c.fence == bindparam("token"),
        deliveries.c.state == DeliveryState.QUEUED,
    )
    values = statement.values(not_before=bindparam("until"), dispatched_at=None, unmade_with=known)
    if waits:
        connection.execute(values, [{"number": each.id, "token": each.fence, "until": at} for each, at in waits])


def _claimed(delivery: Delivery, now: datetime) -> Delivery:
    return replace(
        delivery,
        state=DeliveryState.CLAIMED,
        attempts=delivery.attempts + 1,
        fence=delivery.fence + 1,
        not_before=now,
        unmade_with=None,
    )
