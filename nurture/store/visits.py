"""Visits, written whole: which change is allowed is the domain's business."""

from datetime import datetime

from sqlalchemy import Connection, Row, Select, select

from nurture.domain.visit import LIVE, LONGEST, Visit, VisitStatus
from nurture.store.among import among
from nurture.store.leads import new_public_id
from nurture.store.schema import visits

_OF_LEADS = select(visits).where(among(visits.c.lead_id)).order_by(visits.c.starts_at, visits.c.id)


def add_visit(connection: Connection, lead_id: int, *, starts_at: datetime, minutes: int, now: datetime) -> Visit:
    """A new visit, booked at `now`."""
    values = {
        "public_id": new_public_id(),
        "lead_id": lead_id,
        "starts_at": starts_at,
        "minutes": minutes,
        "status": VisitStatus.BOOKED,
        "sequence": 0,
        "booked_at": now,
    }
    row = connection.execute(visits.insert().values(values).returning(visits)).one()
    return _visit(row)


def save_visit(connection: Connection, visit: Visit) -> None:
    """The visit's row says what `visit` says."""
    values = {"starts_at": visit.starts_at, "status": visit.status, "sequence": visit.sequence}
    connection.execute(visits.update().where(visits.c.id == visit.id).values(values))


def visit_by_id(connection: Connection, visit_id: int) -> Visit | None:
    """The visit with that id."""
    row = connection.execute(select(visits).where(visits.c.id == visit_id)).one_or_none()
    return _visit(row) if row else None


def visit_by_public_id(connection: Connection, public_id: str) -> Visit | None:
    """The visit that a link names."""
    row = connection.execute(select(visits).where(visits.c.public_id == public_id)).one_or_none()
    return _visit(row) if row else None


def visits_of_leads(connection: Connection, lead_ids: set[int]) -> list[Visit]:
    """Every visit of these leads, by start."""
    return [_visit(row) for row in connection.execute(_OF_LEADS, {"ids": lead_ids}).all()]


def live_visits_between(connection: Connection, from_at: datetime, until_at: datetime) -> list[Visit]:
    """The visits still to be kept that take up any of the time between these instants, by start."""
    earliest = from_at - LONGEST
    near = visits.c.starts_at.between(earliest, until_at) & visits.c.status.in_(LIVE)
    found = by_start(connection, select(visits).where(near))
    return [each for each in found if each.starts_at < until_at and each.ends_at > from_at]


def by_start(connection: Connection, statement: Select[tuple[object, ...]]) -> list[Visit]:
    """The visits that it selects, by start."""
    return [_visit(row) for row in connection.execute(statement.order_by(visits.c.starts_at, visits.c.id))]


def _visit(row: Row[tuple[object, ...]]) -> Visit:
    return Visit(
        id=row.id,
        public_id=row.public_id,
        lead_id=row.lead_id,
        starts_at=row.starts_at,
        minutes=row.minutes,
        status=VisitStatus(row.status),
        sequence=row.sequence,
        booked_at=row.booked_at,
    )
