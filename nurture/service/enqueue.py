"""Enrols a segment of leads in a campaign by hand; doing it again enrols nobody twice."""

from collections import Counter
from dataclasses import dataclass
from enum import Enum, auto

from sqlalchemy import Connection

from nurture.domain.campaign import Campaign
from nurture.domain.consent import may_enrol
from nurture.domain.errors import Refusal
from nurture.domain.facts import facts_of
from nurture.domain.lead import Lead
from nurture.domain.segment import Segment
from nurture.lint.finding import faults
from nurture.lint.verdict import verdict
from nurture.runtime import Runtime
from nurture.service.advance import advance_all
from nurture.service.dispatch import dispatch_queued
from nurture.service.release import limited_leads
from nurture.store import enrolments
from nurture.store.enrolment_snapshot import histories_of_leads
from nurture.store.enrolments import NewEnrolment
from nurture.store.leads import all_leads, lock_lead
from nurture.store.outbox import mark_dispatched


@dataclass(frozen=True, slots=True)
class Enqueued:
    """How many were enrolled, had been in the campaign before, are kept back by a limit, or were passed over.

    Passed over are those who asked for no mail, wrote back or cannot be reached.
    """

    enrolled: int
    already: int
    limited: int = 0
    passed_over: int = 0


class _Became(Enum):
    """What became of one lead of the segment."""

    ENROLLED = auto()
    ALREADY = auto()
    PASSED_OVER = auto()


def enqueue(runtime: Runtime, name: str, segment: Segment, *, dry_run: bool = False) -> Enqueued | Refusal:
    """Every lead of the segment who never was in the campaign is enrolled (or would be).

    Nobody is whom a limit on signups keeps back: a stranger may have typed in a thousand of them. Nor is anybody who
    asked for no articles, not even for a report: this time it is not they who ask.
    """
    campaign = runtime.catalogue.campaigns.get(name)
    if campaign is None:
        return no_campaign(runtime, name)
    if campaign.starts_on.is_for_desk:
        return Refusal("for_desk", f"{name} tells the front desk, and starts by itself. Nobody was enrolled.")
    if campaign.starts_on.is_of_visit:
        return Refusal("needs_visit", f"{name} starts with a visit, so nobody was enrolled. Use `nurture visit book`.")
    found = faults(verdict(runtime.mail_kit, [campaign]))
    if found:
        first = found[0]
        where = f"{first.file} line {first.line}: {first.detail}"
        told = f"{name} has mails that should not go out yet, so nobody was enrolled. The first reason is {where}."
        return Refusal("findings", f"{' '.join(told.split())} `nurture template check` lists them all.")
    with runtime.database.read() as connection:
        chosen = [lead for lead in all_leads(connection) if segment.includes(lead)]
    limited = set(limited_leads(runtime))
    free = [lead for lead in chosen if lead.id not in limited]
    became = Counter(_enrol(runtime, campaign, lead, dry_run=dry_run) for lead in free)
    return Enqueued(
        enrolled=became[_Became.ENROLLED],
        already=became[_Became.ALREADY],
        limited=len(chosen) - len(free),
        passed_over=became[_Became.PASSED_OVER],
    )


def no_campaign(runtime: Runtime, name: str) -> Refusal:
    """The refusal for a name that no campaign has."""
    known = ", ".join(runtime.catalogue.campaigns)
    return Refusal("no_campaign", f"There is no campaign {name!r}, so nothing was done. There are: {known}.")


def _enrol(runtime: Runtime, campaign: Campaign, lead: Lead, *, dry_run: bool) -> _Became:
    if dry_run:
        with runtime.database.read() as connection:
            return _would_become(connection, campaign, lead)
    with runtime.database.begin() as connection:
        lock_lead(connection, lead.id)
        now, became = runtime.clock(), _would_become(connection, campaign, lead)
        new = NewEnrolment(lead.id, campaign.name, "1")
        enrolment_id = enrolments.add_enrolment(connection, new, now) if became is _Became.ENROLLED else None
        if enrolment_id is None:
            return became
        queued = advance_all(connection, runtime, [enrolment_id], now)
        mark_dispatched(connection, queued)
    dispatch_queued(runtime, queued)
    return became


def _would_become(connection: Connection, campaign: Campaign, lead: Lead) -> _Became:
    if any(each.campaign == campaign.name for each in enrolments.enrolments_of_lead(connection, lead.id)):
        return _Became.ALREADY
    facts = facts_of(histories_of_leads(connection, {lead.id})[lead.id])
    return _Became.ENROLLED if may_enrol(facts) else _Became.PASSED_OVER
