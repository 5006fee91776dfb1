"""Writes an event down and carries out what follows from it, within the caller's transaction."""

from typing import assert_never

from sqlalchemy import Connection

from nurture.domain.campaign import Trigger
from nurture.domain.event import Event
from nurture.domain.feedback import Enrol, Lift, Resume, Suppress, consequences
from nurture.domain.visit import Visit
from nurture.runtime import Runtime
from nurture.service.advance import advance_lead
from nurture.store import enrolments
from nurture.store.enrolments import NewEnrolment
from nurture.store.events import add_event
from nurture.store.outbox import mark_dispatched
from nurture.store.suppressions import lift_suppression, suppress_lead


def record_event(connection: Connection, runtime: Runtime, event: Event, visit: Visit | None = None) -> list[int]:
    """The event is in the ledger with what follows from it: each campaign of the lead is decided anew, and mail queued.

    Returns the ids of the deliveries queued, to give to `dispatch_queued` after the commit. Call with the lead locked.
    An event about a visit comes with the visit.
    """
    add_event(connection, event)
    lead_id, now = event.lead_id, event.at
    for consequence in consequences(event.kind):
        match consequence:
            case Suppress(reason):
                suppress_lead(connection, lead_id, reason, now)
            case Lift(reason):
                lift_suppression(connection, lead_id, reason)
            case Resume(reason):
                enrolments.resume_ended(connection, lead_id, reason, now)
            case Enrol(trigger):
                _enrol(connection, runtime, trigger, event, visit)
            case _:
                assert_never(consequence)
    queued = advance_lead(connection, runtime, lead_id, now)
    # Written here rather than after the hint, a lead's wait is one commit shorter; a hint that fails is unmarked.
    mark_dispatched(connection, queued)
    return queued


def _enrol(connection: Connection, runtime: Runtime, trigger: Trigger, event: Event, visit: Visit | None) -> None:
    """The lead is in every campaign that starts on this, once for one visit at one time, or else once a day."""
    if (trigger.is_of_visit and visit is None) or (trigger.is_for_desk and not runtime.settings.desk_address):
        return
    today = f"{event.at.astimezone(runtime.settings.clinic.zone):%Y-%m-%d}"
    occurrence = f"visit-{visit.id}-{visit.sequence}" if visit else today
    of_visit = (visit.id, visit.sequence) if visit else (None, None)
    for campaign in runtime.catalogue.starting_on(trigger):
        enrolments.add_enrolment(
            connection, NewEnrolment(event.lead_id, campaign.name, occurrence, *of_visit), event.at
        )
