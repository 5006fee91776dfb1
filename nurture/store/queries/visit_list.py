"""Visits with the people who have them, for commands and pages to show. Changes nothing."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, select

from nurture.domain.lead import Lead
from nurture.domain.visit import LIVE, Visit
from nurture.store.leads import lead_by_id, leads_by_id
from nurture.store.schema import visits
from nurture.store.visits import by_start, visit_by_public_id


def visits_between(connection: Connection, from_at: datetime, until_at: datetime) -> list[Visit]:
    """Every visit that starts at or after the one instant and before the other, by start."""
    within = (visits.c.starts_at >= from_at) & (visits.c.starts_at < until_at)
    return by_start(connection, select(visits).where(within))


def all_visits(connection: Connection) -> list[Visit]:
    """Every visit, by start."""
    return by_start(connection, select(visits))


def live_visits(connection: Connection) -> list[Visit]:
    """The visits still to be kept, and those whose outcome nobody has recorded, by start."""
    return by_start(connection, select(visits).where(visits.c.status.in_(LIVE)))


def with_leads(connection: Connection, found: Iterable[Visit]) -> list[tuple[Visit, Lead]]:
    """Each visit with the lead who has it, in this order."""
    shown = list(found)
    leads = leads_by_id(connection, {each.lead_id for each in shown})
    return [(each, leads[each.lead_id]) for each in shown]


def visit_with_lead(connection: Connection, public_id: str) -> tuple[Visit, Lead] | None:
    """The visit of that public id, with the lead who has it."""
    visit = visit_by_public_id(connection, public_id)
    lead = lead_by_id(connection, visit.lead_id) if visit is not None else None
    return (visit, lead) if visit is not None and lead is not None else None
