"""Writes an event down and carries out what follows from it, within the caller's transaction."""

from typing import assert_never

from sqlalchemy import Connection

from nurture.domain.event import Event
from nurture.domain.feedback import Enrol, Lift, Resume, Suppress, consequences
from nurture.domain.visit import Visit
from nurture.service.advance import advance_lead
from nurture.service.runtime import Runtime
from nurture.store import enrolments
from nurture.store.enrolments import NewEnrolment
from nurture.store.events import add_event
from nurture.store.hints import mark_published
from nurture.store.suppressions import lift_suppression, suppress_lead


def record(connection: Connection, runtime: Runtime, event: Event, visit: Visit | None = None) -> list[int]:
    """The event and its consequences are in the ledger; returns the ids of deliveries queued.

    Call with the lead locked, and give the ids to `publish_queued` after the commit. A visit comes with its event.
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
            case Enrol(trigger) if visit is not None:
                for campaign in runtime.catalogue.starting_on(trigger):
                    passage = f"visit-{visit.id}-{visit.sequence}"
                    new = NewEnrolment(lead_id, campaign.name, passage, visit.id, visit.sequence)
                    enrolments.add_enrolment(connection, new, now)
            case Enrol():
                pass
            case _:
                assert_never(consequence)
    queued = advance_lead(connection, runtime.catalogue, lead_id, now)
    # Written here rather than after the hint, a lead's wait is one commit shorter; a hint that fails is unmarked.
    mark_published(connection, queued)
    return queued
