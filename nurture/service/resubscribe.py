"""The way back for whoever has unsubscribed: articles and invitations go on where they stopped."""

from dataclasses import dataclass

from sqlalchemy import Connection

from nurture.config.catalogue import Catalogue
from nurture.domain.consent import Consent
from nurture.domain.errors import Refusal
from nurture.domain.event import Event, EventKind
from nurture.domain.facts import meaning_of
from nurture.domain.feedback import STOPPED, is_only_stopped
from nurture.domain.lead import Lead
from nurture.runtime import Runtime
from nurture.service.dispatch import dispatch_queued
from nurture.service.feedback import record_event
from nurture.store.consents import add_consent
from nurture.store.enrolment_snapshot import load_enrolments
from nurture.store.enrolments import active_of_lead
from nurture.store.leads import lock_lead
from nurture.store.suppressions import suppressions_of_leads

#: What a page says beside the button, and what is kept as the consent of whoever presses it.
AGAIN = "Send me the articles and invitations again, by email. Every one of them has a link that stops them."


@dataclass(frozen=True, slots=True)
class Restarted:
    """Whether it is news that the lead gets articles and invitations, and the campaigns that go on."""

    is_news: bool
    campaigns: tuple[str, ...]


def resubscribe(runtime: Runtime, lead: Lead, consent: Consent, source: str) -> Restarted | Refusal:
    """The lead gets articles and invitations again, by that consent; saying it twice changes nothing.

    A complaint, a bounce or staff's own suppression stays, and nothing is changed.
    """
    queued: list[int] = []
    with runtime.database.begin() as connection:
        lock_lead(connection, lead.id)
        held, now = suppressions_of_leads(connection, {lead.id}).get(lead.id, frozenset()), runtime.clock()
        refusal = _refused(lead, held)
        if refusal is not None:
            return refusal
        if held:
            add_consent(connection, lead.id, consent, source=source, given_at=now)
            queued = record_event(connection, runtime, Event(EventKind.RESUBSCRIBED, lead.id, now))
        restarted = Restarted(STOPPED in held, stopped_campaigns(connection, runtime.catalogue, lead.id))
    dispatch_queued(runtime, queued)
    return restarted


def stopped_campaigns(connection: Connection, catalogue: Catalogue, lead_id: int) -> tuple[str, ...]:
    """The campaigns that go on with the lead, but for unsubscribing: whoever had them all, or has booked, has none."""
    enrolled = load_enrolments(connection, active_of_lead(connection, lead_id, or_ended_by=STOPPED))
    campaigns = [(catalogue.campaigns.get(each.campaign), each.facts) for each in enrolled]
    return tuple(each.name for each, facts in campaigns if each is not None and is_only_stopped(each, facts))


def _refused(lead: Lead, held: frozenset[str]) -> Refusal | None:
    others = sorted(held - {STOPPED})
    if not others:
        return None
    return Refusal(others[0], f"{lead.known_as} gets no mail: {meaning_of(others[0])}. Nothing was changed.")
