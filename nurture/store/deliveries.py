"""The ledger of deliveries: every change is a compare-and-set on the state (and the fence) that was read."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Row, Update, bindparam, false, func, select, true

from nurture.domain.delivery_state import TRANSITIONS, DeliveryState
from nurture.domain.message import MailKind
from nurture.store.among import among
from nurture.store.row_sets import RowSet, SetStatement
from nurture.store.schema import deliveries, enrolments
from nurture.store.types import database_now


@dataclass(frozen=True, slots=True)
class Delivery:
    """One (enrolment, step) in the ledger."""

    id: int
    enrolment_id: int
    lead_id: int
    step: str
    kind: MailKind
    state: DeliveryState
    reason: str | None
    attempts: int
    fence: int
    times_in_doubt: int
    queued_at: datetime
    not_before: datetime
    settled_at: datetime | None
    handed_at: datetime | None
    retried_at: datetime | None
    unmade_with: str | None
    digest_id: int | None
    message_id: str | None

    @property
    def in_doubt_since(self) -> datetime | None:
        """The date of the copy that the relay may have, unless staff have said since that it should go once more."""
        is_asked_for = self.retried_at is not None and self.handed_at is not None and self.retried_at >= self.handed_at
        return self.handed_at if self.times_in_doubt > 0 and not is_asked_for else None


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """A step that was decided on, about to be written down."""

    enrolment_id: int
    lead_id: int
    step: str
    kind: MailKind
    message_id: str


_ADD = SetStatement(
    """
    INSERT INTO deliveries (enrolment_id, lead_id, step, kind, message_id, state, reason, settled_at,
        attempts, fence, times_in_doubt, queued_at, not_before)
    SELECT enrolment_id, lead_id, step, kind, message_id, :state, reason, settled_at, 0, 0, 0, added_at, added_at
    FROM {added} WHERE true
    ON CONFLICT DO NOTHING RETURNING id
    """,
    RowSet(
        "added",
        (
            ("enrolment_id", "bigint"),
            ("lead_id", "bigint"),
            ("step", "text"),
            ("kind", "text"),
            ("message_id", "text"),
            ("reason", "text"),
            ("settled_at", "timestamptz"),
            ("added_at", "timestamptz"),
        ),
    ),
)
_step = attrgetter("enrolment_id", "lead_id", "step", "kind", "message_id")


def queue(connection: Connection, new: NewDelivery, now: datetime) -> int | None:
    """The id of the new delivery; None when this (enrolment, step) already has one."""
    return next(iter(queue_all(connection, [new], now)), None)


def queue_all(connection: Connection, news: Iterable[NewDelivery], now: datetime) -> list[int]:
    """The ids of the new deliveries, without those whose (enrolment, step) already has one."""
    rows = [(*_step(new), None, None, now) for new in news]
    return list(_ADD.execute(connection, rows, state=DeliveryState.QUEUED.value).scalars()) if rows else []


def record_skip(connection: Connection, new: NewDelivery, reason: str, now: datetime) -> None:
    """The step is written down as not sent, with the reason."""
    record_skips(connection, [(new, reason)], now)


def record_skips(connection: Connection, skipped: Iterable[tuple[NewDelivery, str]], now: datetime) -> None:
    """Each step is written down as not sent, with its reason."""
    rows = [(*_step(new), reason, now, now) for new, reason in skipped]
    if rows:
        _ADD.execute(connection, rows, state=DeliveryState.SKIPPED.value)


def settle(
    connection: Connection, delivery: Delivery, state: DeliveryState, *, reason: str | None, now: datetime
) -> bool:
    """The delivery is over; tells whether it was still in the state it was read in."""
    unanswered = (delivery.state, state) == (DeliveryState.HANDED, DeliveryState.UNCERTAIN)
    values = {
        "state": state,
        "reason": reason,
        "settled_at": now,
        "times_in_doubt": delivery.times_in_doubt + unanswered,
        "leased_until": None,
    }
    return connection.execute(transition(delivery, state).values(values)).rowcount == 1


def requeue(
    connection: Connection,
    delivery: Delivery,
    not_before: datetime,
    *,
    reason: str | None = None,
    in_doubt: bool = False,
) -> bool:
    """The delivery waits for `not_before`, with the attempts, the date of the last copy and the files it cannot be made
    of that it says it had.

    Tells whether it was still in the state it was read in.
    """
    values = {
        "state": DeliveryState.QUEUED,
        "not_before": not_before,
        "reason": reason,
        "attempts": delivery.attempts,
        "handed_at": delivery.handed_at,
        "times_in_doubt": delivery.times_in_doubt + in_doubt,
        "leased_until": None,
        "dispatched_at": None,
        "unmade_with": delivery.unmade_with,
    }
    return connection.execute(transition(delivery, DeliveryState.QUEUED).values(values)).rowcount == 1


def lapsed(connection: Connection, limit: int) -> list[Delivery]:
    """Deliveries whose worker has not been heard of within its lease, the longest silent first."""
    statement = select(deliveries).where(deliveries.c.leased_until < database_now()).limit(limit)
    # In the order of the index that holds leases alone: any other would have the whole table read.
    return [as_delivery(row) for row in connection.execute(statement.order_by(deliveries.c.leased_until))]


def delivery_by_id(connection: Connection, delivery_id: int) -> Delivery | None:
    """The delivery with that id."""
    row = connection.execute(select(deliveries).where(deliveries.c.id == delivery_id)).one_or_none()
    return as_delivery(row) if row else None


def in_flight(connection: Connection, enrolment_ids: Collection[int]) -> set[int]:
    """Those of the enrolments of which a step is queued or with a worker."""
    return set(connection.execute(_OPEN, {"ids": enrolment_ids}).scalars())


_OPEN = select(deliveries.c.enrolment_id).where(among(deliveries.c.enrolment_id), deliveries.c.settled_at.is_(None))


def next_attempt_at(connection: Connection) -> datetime | None:
    """The earliest instant at which any queued delivery may go."""
    earliest = func.min(deliveries.c.not_before, type_=deliveries.c.not_before.type)
    statement = select(earliest).where(deliveries.c.state == DeliveryState.QUEUED)
    instant: datetime | None = connection.execute(statement).scalar_one()
    return instant


def new_row(new: NewDelivery, now: datetime) -> dict[str, object]:
    """The columns that every new delivery starts with, its state aside."""
    return {
        "enrolment_id": new.enrolment_id,
        "lead_id": new.lead_id,
        "step": new.step,
        "kind": new.kind,
        "message_id": new.message_id,
        "attempts": 0,
        "fence": 0,
        "times_in_doubt": 0,
        "queued_at": now,
        "not_before": now,
    }


def transition(delivery: Delivery, state: DeliveryState) -> Update:
    """An update to `state` that touches the row only while it is as read, and only along an allowed transition."""
    return deliveries.update().where(
        deliveries.c.id == delivery.id,
        deliveries.c.state == delivery.state,
        deliveries.c.fence == delivery.fence,
        true() if state in TRANSITIONS[delivery.state] else false(),
    )


_NAMES = [field.name for field in fields(Delivery)]
_in_order = attrgetter(*_NAMES)
#: What a `Delivery` is made of, in its order.
COLUMNS = tuple(deliveries.c[name] for name in _NAMES)


def as_delivery(row: Row[tuple[object, ...]]) -> Delivery:
    """The row, whatever else it has, as a value."""
    return delivery_of(_in_order(row))


def delivery_of(values: Sequence[Any]) -> Delivery:
    """The values of COLUMNS as a delivery: quicker than to ask a row for each by its name."""
    id_, enrolment_id, lead_id, step, kind, state, *others = values
    return Delivery(id_, enrolment_id, lead_id, step, MailKind(kind), DeliveryState(state), *others)


def without_message_id(connection: Connection, limit: int) -> list[tuple[int, str, str]]:
    """(id, the enrolment's public id, step) of the first deliveries that an older version wrote down."""
    statement = (
        select(deliveries.c.id, enrolments.c.public_id, deliveries.c.step)
        .join(enrolments, enrolments.c.id == deliveries.c.enrolment_id)
        .where(deliveries.c.message_id.is_(None))
    )
    return [tuple(row) for row in connection.execute(statement.order_by(deliveries.c.id).limit(limit))]


def set_message_ids(connection: Connection, by_id: dict[int, str]) -> None:
    """Each of these deliveries has that Message-ID."""
    chosen = deliveries.update().where(deliveries.c.id == bindparam("number"))
    rows = [{"number": number, "name": name} for number, name in by_id.items()]
    connection.execute(chosen.values(message_id=bindparam("name")), rows)
