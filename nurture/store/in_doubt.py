"""Deliveries whose fate is not known: those a restored ledger cannot remember, and what staff decide about any."""

from datetime import datetime

from sqlalchemy import Connection, exists, or_, select

from nurture.domain.delivery_state import DeliveryState
from nurture.store.deliveries import Delivery, NewDelivery, as_delivery, new_row, transition
from nurture.store.schema import deliveries, enrolments, leads
from nurture.store.upsert import insert_or_nothing

# Why a delivery is in doubt that a restored ledger does not remember.
RESTORED = "restored"


def record_lost(connection: Connection, new: NewDelivery, at: datetime) -> None:
    """The step is written down as perhaps sent at `at`, in a time that the ledger knows nothing of."""
    lost = {
        "state": DeliveryState.UNCERTAIN,
        "reason": RESTORED,
        "settled_at": at,
        "handed_at": at,
        "times_in_doubt": 1,
    }
    insert_or_nothing(connection, deliveries, new_row(new, at) | lost)


def lock_forgotten(connection: Connection, until: datetime, *, after: int, limit: int) -> list[int]:
    """The first leads beyond number `after` with mail under way or due in enrolments begun by then, locked in order.

    Leads are locked before anything else that is theirs, here as everywhere, and each waits for its turn.
    """
    is_under_way = exists().where(deliveries.c.enrolment_id == enrolments.c.id, deliveries.c.settled_at.is_(None))
    wanted = (
        select(enrolments.c.lead_id)
        .where(enrolments.c.lead_id > after, enrolments.c.enrolled_at <= until)
        .where(or_(enrolments.c.due_at <= until, is_under_way))
    )
    ids = list(connection.execute(wanted.distinct().order_by(enrolments.c.lead_id).limit(limit)).scalars())
    connection.execute(select(leads.c.id).where(leads.c.id.in_(ids)).order_by(leads.c.id).with_for_update())
    return ids


def hold_unsettled(
    connection: Connection, lead_ids: list[int], gap: tuple[datetime, datetime]
) -> list[tuple[int, int]]:
    """What was under way of these leads' may have been sent in the gap; returns the enrolments, with their leads.

    What belongs to an enrolment begun since is new.
    """
    at, until = gap
    held = {"state": DeliveryState.UNCERTAIN, "reason": RESTORED, "settled_at": at, "leased_until": None}
    begun = select(enrolments.c.id).where(enrolments.c.lead_id.in_(lead_ids), enrolments.c.enrolled_at <= until)
    statement = (
        deliveries.update()
        .where(deliveries.c.enrolment_id.in_(begun), deliveries.c.settled_at.is_(None))
        .values(
            held | {"handed_at": at, "fence": deliveries.c.fence + 1, "times_in_doubt": deliveries.c.times_in_doubt + 1}
        )
        .returning(deliveries.c.enrolment_id, deliveries.c.lead_id)
    )
    return [(row.enrolment_id, row.lead_id) for row in connection.execute(statement)]


def resolve(connection: Connection, delivery: Delivery, state: DeliveryState, reason: str) -> bool:
    """Staff have told what became of a delivery in doubt; when it was settled stays as it is."""
    return connection.execute(transition(delivery, state).values(state=state, reason=reason)).rowcount == 1


def ask_again(connection: Connection, delivery: Delivery, now: datetime) -> bool:
    """The delivery waits to be sent once more, because staff said so; tells whether it may and still stood as read."""
    fresh = {"state": DeliveryState.QUEUED, "reason": None, "attempts": 0, "settled_at": None, "dispatched_at": None}
    update = transition(delivery, DeliveryState.QUEUED).values(fresh | {"not_before": now, "retried_at": now})
    return connection.execute(update).rowcount == 1


def restored(connection: Connection) -> list[Delivery]:
    """The deliveries held back since the ledger was restored from an older copy, oldest first."""
    held = select(deliveries).where(deliveries.c.state == DeliveryState.UNCERTAIN, deliveries.c.reason == RESTORED)
    return [as_delivery(row) for row in connection.execute(held.order_by(deliveries.c.id))]
