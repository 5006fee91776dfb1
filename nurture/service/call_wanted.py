"""A phone number on the page asks for a call: the front desk is told, once a day for each lead."""

from datetime import datetime

from sqlalchemy import Connection

from nurture.domain.event import Event, EventKind
from nurture.domain.lead import Lead
from nurture.runtime import Runtime
from nurture.service.feedback import record_event
from nurture.service.request import Request
from nurture.store.events import events_of_lead
from nurture.store.notes import add_note


def tell_of_call(
    connection: Connection, runtime: Runtime, request: Request, told: tuple[Lead, list[str]], now: datetime
) -> list[int]:
    """The desk is told that the visitor would like a call, with these remarks; returns the ids queued.

    What staff typed in asks for none, and the day is the clinic's.
    """
    lead, remarks = told
    if request.visitor is None or not request.phone.strip() or _is_known(connection, runtime, lead, now):
        return []
    for remark in remarks:
        add_note(connection, lead.id, remark, now)
    return record_event(connection, runtime, Event(EventKind.CALL_WANTED, lead.id, now))


def _is_known(connection: Connection, runtime: Runtime, lead: Lead, now: datetime) -> bool:
    zone = runtime.settings.clinic.zone
    calls = [event.at for event in events_of_lead(connection, lead.id) if event.kind is EventKind.CALL_WANTED]
    return now.astimezone(zone).date() in {at.astimezone(zone).date() for at in calls}
