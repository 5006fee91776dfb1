"""Books a visit and records what becomes of it; the mail about it follows from the event."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from nurture.domain import visit as rules
from nurture.domain.errors import Refusal
from nurture.domain.event import Event, EventKind
from nurture.domain.visit import Visit
from nurture.runtime import Runtime
from nurture.service.dispatch import dispatch_queued
from nurture.service.feedback import record_event
from nurture.service.who import as_number, find_lead
from nurture.store.leads import lock_lead
from nurture.store.visits import add_visit, save_visit, visit_by_id, visits_of_leads

Change = Callable[[Visit, datetime], Visit | Refusal]

#: What staff and visitors can do to a visit, and the news it makes.
CHANGES: dict[str, tuple[Change, EventKind]] = {
    "confirm": (rules.confirm, EventKind.VISIT_CONFIRMED),
    "cancel": (rules.cancel, EventKind.VISIT_CANCELLED),
    "cancel-on-page": (rules.cancel, EventKind.VISIT_CANCELLED_BY_VISITOR),
    "attended": (rules.attend, EventKind.VISIT_ATTENDED),
    "no-show": (rules.miss, EventKind.VISIT_NO_SHOW),
}


def book(runtime: Runtime, who: str, starts_at: datetime) -> Visit | Refusal:
    """The lead has a visit at that instant; the drip stops and the confirmation goes out."""
    lead = find_lead(runtime, who)
    if isinstance(lead, Refusal):
        return lead
    with runtime.database.begin() as connection:
        lock_lead(connection, lead.id)
        now = runtime.clock()
        refusal = rules.may_start_at(starts_at, now) or _already_booked(connection, lead.id)
        if refusal is not None:
            return refusal
        minutes = runtime.settings.visit_minutes
        visit = add_visit(connection, lead.id, starts_at=starts_at, minutes=minutes, now=now)
        queued = record_event(connection, runtime, _event(EventKind.VISIT_BOOKED, visit, now), visit)
    dispatch_queued(runtime, queued)
    return visit


def change(runtime: Runtime, visit_id: int, what: str) -> Visit | Refusal:
    """The visit is confirmed, cancelled, attended or missed. Saying it twice changes nothing."""
    rule, news = CHANGES[what]
    return _change(runtime, visit_id, rule, news)


def reschedule(runtime: Runtime, visit_id: int, starts_at: datetime) -> Visit | Refusal:
    """The visit starts at another instant, and a new confirmation goes out."""
    return _change(
        runtime, visit_id, lambda visit, now: rules.reschedule(visit, starts_at, now), EventKind.VISIT_RESCHEDULED
    )


def visit_of(runtime: Runtime, which: str) -> Visit | Refusal:
    """The visit meant by its number, or by the address or phone of a lead who has one to come or just had one."""
    number = as_number(which.strip())
    if number is not None:
        with runtime.database.read() as connection:
            visit = visit_by_id(connection, number)
        return visit or Refusal("no_visit", f"There is no visit {which}. See `nurture visit list`.")
    lead = find_lead(runtime, which)
    if isinstance(lead, Refusal):
        return lead
    with runtime.database.read() as connection:
        visits = visits_of_leads(connection, {lead.id})
    live = [visit for visit in visits if visit.is_live]
    if not visits:
        return Refusal("no_visit", f"{lead.known_as} has no visit. Book one: nurture visit book {lead.id} --at ...")
    # One at a time is to come (booking refuses a second), else the last one is meant.
    return (live or visits)[-1]


def _change(runtime: Runtime, visit_id: int, rule: Change, news: EventKind) -> Visit | Refusal:
    with runtime.database.read() as connection:
        known = visit_by_id(connection, visit_id)
    if known is None:
        return Refusal("no_visit", f"There is no visit {visit_id}. See `nurture visit list`.")
    with runtime.database.begin() as connection:
        lock_lead(connection, known.lead_id)
        now = runtime.clock()
        visit = visit_by_id(connection, visit_id) or known
        changed = rule(visit, now)
        if isinstance(changed, Refusal) or changed == visit:
            return changed
        save_visit(connection, changed)
        queued = record_event(connection, runtime, _event(news, changed, now), changed)
    dispatch_queued(runtime, queued)
    return changed


def _already_booked(connection: Connection, lead_id: int) -> Refusal | None:
    live = [visit for visit in visits_of_leads(connection, {lead_id}) if visit.is_live]
    if not live:
        return None
    return Refusal(
        "already_booked",
        f"This lead already has visit {live[0].id} to come, so nothing was booked. "
        f"Move it with `nurture visit reschedule {live[0].id} --at ...`, or record what became of it first.",
    )


def _event(kind: EventKind, visit: Visit, now: datetime) -> Event:
    return Event(kind, visit.lead_id, now, visit_id=visit.id)
