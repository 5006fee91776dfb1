"""Enrols a segment of leads in a campaign by hand, a set at a time; doing it again enrols nobody twice.

What is enrolled is due at once, and no more is done here: the next sweep decides it like anything else that is due, and
tells the workers no faster than they deliver. So of a hundred thousand enrolled this minute only a few hundred ever
stand before a reader who asks for a report, and whoever stops half way has enrolled whole sets and left the others.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from nurture.domain.campaign import Campaign
from nurture.domain.consent import may_enrol
from nurture.domain.errors import Refusal
from nurture.domain.facts import facts_of
from nurture.domain.segment import Segment
from nurture.lint.finding import faults
from nurture.lint.verdict import verdict
from nurture.runtime import Runtime
from nurture.service.release import limited_leads
from nurture.store import enrolments
from nurture.store.enrolment_snapshot import histories_of_leads
from nurture.store.enrolments import NewEnrolment
from nurture.store.leads import ids_in, lock_leads

# One transaction's worth. It takes some tens of milliseconds, and a signup waits for no more than that.
SET = 200


@dataclass(frozen=True, slots=True)
class Enqueued:
    """How many were enrolled, had been in the campaign before, are kept back by a limit, or were passed over.

    Passed over are those who asked for no mail, wrote back or cannot be reached.
    """

    enrolled: int
    already: int
    limited: int = 0
    passed_over: int = 0


#: Hears after each set what has been done up to then, and of how many leads that is.
Progress = Callable[[Enqueued, int], None]


def tell_nobody(_done: Enqueued, _of: int) -> None:
    """Nobody follows how it goes on."""


def enqueue(
    runtime: Runtime, name: str, segment: Segment, *, dry_run: bool = False, progress: Progress = tell_nobody
) -> Enqueued | Refusal:
    """Every lead of the segment who never was in the campaign is enrolled (or would be), those known longest first.

    Nobody is whom a limit on signups keeps back: a stranger may have typed in a thousand of them. Nor is anybody who
    asked for no articles, not even for a report: this time it is not they who ask.
    """
    campaign = _startable(runtime, name)
    if isinstance(campaign, Refusal):
        return campaign
    with runtime.database.read() as connection:
        chosen = ids_in(connection, segment)
    limited = set(limited_leads(runtime))
    free = [lead_id for lead_id in chosen if lead_id not in limited]
    done = Enqueued(0, 0, limited=len(chosen) - len(free))
    for lead_ids in _in_sets(free):
        done = _and_these(runtime, campaign, lead_ids, done, dry_run=dry_run)
        progress(done, len(free))
    return done


def no_campaign(runtime: Runtime, name: str) -> Refusal:
    """The refusal for a name that no campaign has."""
    known = ", ".join(runtime.catalogue.campaigns)
    return Refusal("no_campaign", f"There is no campaign {name!r}, so nothing was done. There are: {known}.")


def _startable(runtime: Runtime, name: str) -> Campaign | Refusal:
    """The campaign of that name, if staff may start it and its mails can go out."""
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
    return campaign


def _in_sets(lead_ids: list[int]) -> Iterator[list[int]]:
    """The ids in sets; between two of them others have as long as the last one took."""
    took = 0.0
    for start in range(0, len(lead_ids), SET):
        # On SQLite whoever waits for the lock only tries now and then, and would never find it free.
        time.sleep(took)
        began = time.monotonic()
        yield lead_ids[start : start + SET]
        took = time.monotonic() - began


def _and_these(runtime: Runtime, campaign: Campaign, lead_ids: list[int], done: Enqueued, *, dry_run: bool) -> Enqueued:
    """What has been done when these leads are done, too."""
    transaction: Callable[[], AbstractContextManager[Connection]] = (
        runtime.database.read if dry_run else runtime.database.begin
    )
    with transaction() as connection:
        if not dry_run:
            lock_leads(connection, lead_ids)
        been = enrolments.leads_ever_in(connection, campaign.name, lead_ids)
        histories = histories_of_leads(connection, set(lead_ids) - been)
        may = [lead_id for lead_id, known in sorted(histories.items()) if may_enrol(facts_of(known))]
        if not dry_run:
            new = [NewEnrolment(lead_id, campaign.name, "1") for lead_id in may]
            enrolments.add_enrolments(connection, new, runtime.clock())
    return replace(
        done,
        enrolled=done.enrolled + len(may),
        already=done.already + len(been),
        passed_over=done.passed_over + len(lead_ids) - len(been) - len(may),
    )
