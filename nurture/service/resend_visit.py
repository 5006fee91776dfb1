"""What a visit's mail says, once more and to the address of today: its enrolment ends, and another takes its place."""

from datetime import datetime

from sqlalchemy import Connection

from nurture.domain.campaign import Trigger
from nurture.domain.errors import Refusal
from nurture.domain.event import Event, EventKind
from nurture.domain.lead import Lead
from nurture.domain.message import MailKind
from nurture.domain.visit import Visit
from nurture.runtime import Runtime
from nurture.service.dispatch import dispatch_queued
from nurture.service.feedback import record_event
from nurture.service.resend import held_back
from nurture.store import enrolments
from nurture.store.deliveries import in_flight
from nurture.store.enrolments import EnrolmentRow, NewEnrolment
from nurture.store.leads import lead_by_id, lock_lead
from nurture.store.visits import visit_by_id, visits_of_leads

# Why an enrolment has ended that another took the place of. Its reminders come with that one.
RESENT = "resent"


def resend_visit(runtime: Runtime, visit: Visit) -> Lead | Refusal:
    """The confirmation of the visit is on its way once more, and the reminders still to come follow it; returns whose.

    The new enrolment is folded like that of any late booking, so nothing that went before goes again beside it.
    """
    with runtime.database.begin() as connection:
        lock_lead(connection, visit.lead_id)
        known, lead = visit_by_id(connection, visit.id), lead_by_id(connection, visit.lead_id)
        if known is None or lead is None:
            raise LookupError("a visit or its lead vanished, and nothing here deletes either")
        now = runtime.clock()
        refusal = held_back(connection, lead, MailKind.VISIT) or _not_to_tell(connection, known, now)
        if refusal is not None:
            return refusal
        _begin_anew(connection, runtime, known, now)
        queued = record_event(
            connection, runtime, Event(EventKind.VISIT_RESENT, lead.id, now, visit_id=known.id), known
        )
    dispatch_queued(runtime, queued)
    return lead


def visit_ahead(runtime: Runtime, lead: Lead) -> Visit | None:
    """The lead's visit to come, if there is one: booking refuses a second."""
    with runtime.database.read() as connection:
        visits = visits_of_leads(connection, {lead.id})
    return next((each for each in visits if _is_ahead(each, runtime.clock())), None)


def is_mail_on_its_way(connection: Connection, visit: Visit) -> bool:
    """Tell whether a mail about the visit waits to be sent, or is being sent."""
    return bool(in_flight(connection, [each.id for each in _enrolments(connection, visit)]))


def _not_to_tell(connection: Connection, visit: Visit, now: datetime) -> Refusal | None:
    if not _is_ahead(visit, now):
        return Refusal(
            "not_ahead", f"Visit {visit.id} is no longer to come, so nothing was sent. See nurture visit list."
        )
    if is_mail_on_its_way(connection, visit):
        sentence = f"A mail about visit {visit.id} is still on its way, so no second one was sent."
        return Refusal("on_its_way", f"{sentence} See nurture delivery list.")
    return None


def _is_ahead(visit: Visit, now: datetime) -> bool:
    return visit.is_live and visit.starts_at > now


def _begin_anew(connection: Connection, runtime: Runtime, visit: Visit, now: datetime) -> None:
    """Every campaign that a booking starts begins anew for the visit, in the place of what it had begun."""
    begun = _enrolments(connection, visit)
    for campaign in runtime.catalogue.starting_on(Trigger.VISIT_BOOKED):
        earlier = [each for each in begun if each.campaign == campaign.name]
        for enrolment in earlier:
            if enrolment.ended_at is None:
                enrolments.end_enrolment(connection, enrolment.id, RESENT, now)
        occurrence = f"visit-{visit.id}-{visit.sequence}-{len(earlier) + 1}"
        new = NewEnrolment(visit.lead_id, campaign.name, occurrence, visit.id, visit.sequence)
        enrolments.add_enrolment(connection, new, now)


def _enrolments(connection: Connection, visit: Visit) -> list[EnrolmentRow]:
    found = enrolments.enrolments_of_lead(connection, visit.lead_id)
    return [each for each in found if each.visit_id == visit.id]
