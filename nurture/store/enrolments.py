"""Enrolments: which lead is in which campaign, and when the sweep should look again."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, exists, func, or_, select

from nurture.domain.limits import LIMITED
from nurture.store.leads import new_public_id
from nurture.store.row_sets import RowSet, SetStatement
from nurture.store.schema import deliveries, enrolments, leads
from nurture.store.upsert import insert_or_nothing

_SET_DUE = SetStatement(
    """
    UPDATE enrolments SET due_at = new.due_at FROM {new}
    WHERE enrolments.id = new.id AND enrolments.ended_at IS NULL
    """,
    RowSet("new", (("id", "bigint"), ("due_at", "timestamptz"))),
)
_END = SetStatement(
    """
    UPDATE enrolments
    SET due_at = NULL, ended_at = coalesce(ended_at, :now), end_reason = coalesce(end_reason, ended.reason)
    FROM {ended} WHERE enrolments.id = ended.id
    """,
    RowSet("ended", (("id", "bigint"), ("reason", "text"))),
)


@dataclass(frozen=True, slots=True)
class NewEnrolment:
    """An enrolment to begin. `occurrence` tells apart two enrolments of one lead in one campaign."""

    lead_id: int
    campaign: str
    occurrence: str
    visit_id: int | None = None
    visit_sequence: int | None = None


@dataclass(frozen=True, slots=True)
class EnrolmentRow:
    """One row of the table, for lists and links; `decide` reads the fuller `Enrolment` of enrolment_snapshot.py."""

    id: int
    public_id: str
    lead_id: int
    campaign: str
    occurrence: str
    visit_id: int | None
    visit_sequence: int | None
    enrolled_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    end_reason: str | None

    @property
    def is_limited(self) -> bool:
        """Tell whether it was asked for past a limit, and so never began."""
        return self.end_reason == LIMITED


def add_enrolment(connection: Connection, new: NewEnrolment, now: datetime) -> int | None:
    """The id of the new enrolment, due at once; None when the same one had already begun."""
    enrolment_id: int | None = insert_or_nothing(connection, enrolments, _new_row(new, now))
    return enrolment_id


def add_enrolments(connection: Connection, new: list[NewEnrolment], now: datetime) -> None:
    """All of these enrolments are there, due at once. Call with the leads locked, for such as had not begun."""
    if new:
        connection.execute(enrolments.insert(), [_new_row(each, now) for each in new])


def leads_ever_in(connection: Connection, campaign: str, lead_ids: Collection[int]) -> set[int]:
    """Those of the leads who are in the campaign or once were."""
    chosen = select(enrolments.c.lead_id).where(enrolments.c.lead_id.in_(lead_ids), enrolments.c.campaign == campaign)
    return set(connection.execute(chosen).scalars())


def lock_due(connection: Connection, now: datetime, limit: int) -> list[int]:
    """The ids of the enrolments that have been due longest, with their leads locked.

    Leads that somebody else is working on are passed over; the next sweep finds them again.
    """
    statement = (
        select(enrolments.c.id)
        .join(leads, leads.c.id == enrolments.c.lead_id)
        .where(enrolments.c.due_at <= now)
        .order_by(enrolments.c.due_at, enrolments.c.id)
        .limit(limit)
        .with_for_update(of=leads, skip_locked=True)
    )
    return list(connection.execute(statement).scalars())


def due_of(connection: Connection, lead_ids: list[int], now: datetime) -> list[tuple[int, int]]:
    """The ids, with their leads', of these leads' enrolments that had begun by then and may be due."""
    may_be_due = (enrolments.c.enrolled_at <= now, enrolments.c.due_at <= now)
    chosen = select(enrolments.c.id, enrolments.c.lead_id).where(enrolments.c.lead_id.in_(lead_ids), *may_be_due)
    return [(row.id, row.lead_id) for row in connection.execute(chosen)]


def active_of_lead(connection: Connection, lead_id: int, *, or_ended_by: str = "") -> list[int]:
    """The ids of the lead's enrolments that have not ended, or have for that reason."""
    is_meant = or_(enrolments.c.ended_at.is_(None), enrolments.c.end_reason == or_ended_by)
    statement = select(enrolments.c.id).where(enrolments.c.lead_id == lead_id, is_meant)
    return list(connection.execute(statement.order_by(enrolments.c.id)).scalars())


def set_due(connection: Connection, enrolment_id: int, due_at: datetime) -> None:
    """The sweep looks at the enrolment again at `due_at`."""
    connection.execute(enrolments.update().where(enrolments.c.id == enrolment_id).values(due_at=due_at))


def set_due_all(connection: Connection, due: Mapping[int, datetime]) -> None:
    """The sweep looks at each enrolment again at its instant; one that has ended stays as it is."""
    if due:
        _SET_DUE.execute(connection, list(due.items()))


def end_enrolment(connection: Connection, enrolment_id: int, reason: str, now: datetime) -> None:
    """The enrolment has ended."""
    end_all(connection, {enrolment_id: reason}, now)


def end_all(connection: Connection, reasons: Mapping[int, str], now: datetime) -> None:
    """Each enrolment has ended, for its reason; one that had already stays as it ended."""
    if reasons:
        _END.execute(connection, list(reasons.items()), now=now)


def resume_ended(connection: Connection, lead_id: int, reason: str, now: datetime) -> list[int]:
    """The lead's enrolments that had ended for this reason go on, their waits counted from now; returns their ids."""
    statement = (
        enrolments.update()
        .where(enrolments.c.lead_id == lead_id, enrolments.c.end_reason == reason)
        .values(due_at=now, ended_at=None, end_reason=None, resumed_at=now)
        .returning(enrolments.c.id)
    )
    return list(connection.execute(statement).scalars())


def begin_limited(connection: Connection, enrolment_id: int, now: datetime) -> None:
    """The enrolment that a limit had kept back begins now, as if it had been asked for now."""
    values = {"enrolled_at": now, "due_at": now, "ended_at": None, "end_reason": None}
    is_limited = enrolments.c.end_reason == LIMITED
    connection.execute(enrolments.update().where(enrolments.c.id == enrolment_id, is_limited).values(values))


def limited_enrolments(connection: Connection, lead_id: int | None = None) -> list[EnrolmentRow]:
    """Every enrolment, or the lead's, that a limit keeps back, oldest first."""
    statement = select(enrolments).where(enrolments.c.end_reason == LIMITED).order_by(enrolments.c.id)
    chosen = statement if lead_id is None else statement.where(enrolments.c.lead_id == lead_id)
    return [_as_row(row) for row in connection.execute(chosen)]


def enrolments_of_lead(connection: Connection, lead_id: int) -> list[EnrolmentRow]:
    """Every enrolment of the lead, in order of enrolment."""
    statement = select(enrolments).where(enrolments.c.lead_id == lead_id).order_by(enrolments.c.id)
    return [_as_row(row) for row in connection.execute(statement)]


def enrolment_by_public_id(connection: Connection, public_id: str) -> EnrolmentRow | None:
    """The enrolment that a link names."""
    row = connection.execute(select(enrolments).where(enrolments.c.public_id == public_id)).one_or_none()
    return _as_row(row) if row else None


def enrolment_by_id(connection: Connection, enrolment_id: int) -> EnrolmentRow | None:
    """The enrolment with that id."""
    row = connection.execute(select(enrolments).where(enrolments.c.id == enrolment_id)).one_or_none()
    return _as_row(row) if row else None


def next_due_at(connection: Connection) -> datetime | None:
    """The earliest instant at which any enrolment is due; one with mail under way goes on when that is settled."""
    earliest = func.min(enrolments.c.due_at, type_=enrolments.c.due_at.type)
    is_under_way = exists().where(deliveries.c.enrolment_id == enrolments.c.id, deliveries.c.settled_at.is_(None))
    instant: datetime | None = connection.execute(select(earliest).where(~is_under_way)).scalar_one()
    return instant


def _new_row(new: NewEnrolment, now: datetime) -> dict[str, object]:
    return {
        "public_id": new_public_id(),
        "lead_id": new.lead_id,
        "campaign": new.campaign,
        "occurrence": new.occurrence,
        "visit_id": new.visit_id,
        "visit_sequence": new.visit_sequence,
        "enrolled_at": now,
        "due_at": now,
    }


def _as_row(row: Row[tuple[object, ...]]) -> EnrolmentRow:
    return EnrolmentRow(
        row.id,
        row.public_id,
        row.lead_id,
        row.campaign,
        row.occurrence,
        row.visit_id,
        row.visit_sequence,
        row.enrolled_at,
        row.due_at,
        row.ended_at,
        row.end_reason,
    )
