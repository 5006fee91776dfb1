"""Enrols a segment of leads in a campaign by hand; doing it again enrols nobody twice."""

from dataclasses import dataclass

from nurture.domain.campaign import Campaign
from nurture.domain.errors import Refusal
from nurture.domain.lead import Lead
from nurture.domain.segment import Segment
from nurture.render.check.finding import faults
from nurture.service.advance import advance
from nurture.service.publishing import publish_queued
from nurture.service.release import limited_leads
from nurture.service.runtime import Runtime
from nurture.service.verdict import verdict
from nurture.store import enrolments
from nurture.store.enrolments import NewEnrolment
from nurture.store.hints import mark_published
from nurture.store.leads import all_leads, lock_lead


@dataclass(frozen=True, slots=True)
class Enqueued:
    """How many of the segment were enrolled, had been through the campaign before, and are kept back by a limit."""

    enrolled: int
    already: int
    limited: int = 0


def enqueue(runtime: Runtime, name: str, segment: Segment, *, dry_run: bool = False) -> Enqueued | Refusal:
    """Every lead of the segment who never was in the campaign is enrolled (or would be).

    Nobody is whom a limit on signups keeps back: a stranger may have typed in a thousand of them.
    """
    campaign = runtime.catalogue.campaigns.get(name)
    if campaign is None:
        return no_campaign(runtime, name)
    if campaign.starts_on.is_for_desk:
        return Refusal("for_desk", f"{name} tells the front desk, and starts by itself. Nobody was enrolled.")
    if campaign.starts_on.is_of_visit:
        return Refusal("needs_visit", f"{name} starts with a visit, so nobody was enrolled. Use `nurture visit book`.")
    found = faults(verdict(runtime, [campaign]))
    if found:
        first = found[0]
        where = f"{first.file} line {first.line}: {first.detail}"
        told = f"{name} has mails that should not go out yet, so nobody was enrolled. The first reason is {where}."
        return Refusal("findings", f"{' '.join(told.split())} `nurture template check` lists them all.")
    with runtime.database.read() as connection:
        chosen = [lead for lead in all_leads(connection) if segment.includes(lead)]
    limited = set(limited_leads(runtime))
    free = [lead for lead in chosen if lead.id not in limited]
    enrolled = [lead for lead in free if _enrol(runtime, campaign, lead, dry_run=dry_run)]
    return Enqueued(len(enrolled), len(free) - len(enrolled), len(chosen) - len(free))


def no_campaign(runtime: Runtime, name: str) -> Refusal:
    """The refusal for a name that no campaign has."""
    known = ", ".join(runtime.catalogue.campaigns)
    return Refusal("no_campaign", f"There is no campaign {name!r}, so nothing was done. There are: {known}.")


def _enrol(runtime: Runtime, campaign: Campaign, lead: Lead, *, dry_run: bool) -> bool:
    if dry_run:
        with runtime.database.read() as connection:
            passages = enrolments.passages_of_lead(connection, lead.id)
        return all(each.campaign != campaign.name for each in passages)
    with runtime.database.begin() as connection:
        lock_lead(connection, lead.id)
        now = runtime.clock()
        enrolment_id = enrolments.add_enrolment(connection, NewEnrolment(lead.id, campaign.name, "1"), now)
        if enrolment_id is None:
            return False
        queued = advance(connection, runtime.catalogue, enrolment_id, now)
        mark_published(connection, queued)
    publish_queued(runtime, queued)
    return True
