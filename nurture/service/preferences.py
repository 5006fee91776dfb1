"""What a lead says about our mail: that articles and invitations are to stop, or anything a person now answers."""

from nurture.domain.event import Event, EventKind
from nurture.domain.lead import Lead
from nurture.runtime import Runtime
from nurture.service.dispatch import dispatch_queued
from nurture.service.feedback import record_event
from nurture.store.events import events_of_lead
from nurture.store.leads import lock_lead
from nurture.store.suppressions import suppressions_of_leads


def unsubscribe(runtime: Runtime, lead: Lead) -> bool:
    """No article or invitation is claimed for this lead from now on; tells whether that is news."""
    with runtime.database.begin() as connection:
        lock_lead(connection, lead.id)
        if is_unsubscribed_in(suppressions_of_leads(connection, {lead.id}), lead):
            return False
        queued = record_event(connection, runtime, Event(EventKind.UNSUBSCRIBED, lead.id, runtime.clock()))
    dispatch_queued(runtime, queued)
    return True


def note_reply(runtime: Runtime, lead: Lead) -> bool:
    """The lead answered a mail, so the campaigns that a reply ends are over; tells whether that is news."""
    with runtime.database.begin() as connection:
        lock_lead(connection, lead.id)
        if any(event.kind is EventKind.REPLIED for event in events_of_lead(connection, lead.id)):
            return False
        queued = record_event(connection, runtime, Event(EventKind.REPLIED, lead.id, runtime.clock()))
    dispatch_queued(runtime, queued)
    return True


def is_unsubscribed(runtime: Runtime, lead: Lead) -> bool:
    """Tell whether the lead asked for no more articles and invitations."""
    with runtime.database.read() as connection:
        return is_unsubscribed_in(suppressions_of_leads(connection, {lead.id}), lead)


def is_unsubscribed_in(held: dict[int, frozenset[str]], lead: Lead) -> bool:
    """The same question of suppressions already read."""
    return "unsubscribed" in held.get(lead.id, frozenset())
