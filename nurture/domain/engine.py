"""The whole drip: one pure function says what is to happen with an enrolment now. Carries nothing out.

`decide(campaign, enrolment, now)` is a value made of three values. What it knows of the world is in the enrolment: the
steps that are settled, and the facts that hold. It has no clock and no memory, so whoever asks with the same three gets
the same answer: the sweep that writes it down, the delivery that asks once more under the lead's lock, the simulation.

An example: Ann has had the report and the first article, the last of them on Monday at 10:00, and the next step says
`after_last = "2d"`. On Tuesday the answer is Wait(Wednesday 10:00), and nothing has to be kept but that instant. She
books on Tuesday evening: from then on a fact holds that the campaign ends on, and on Wednesday the answer is
End("visit_booked"), though nobody cancelled anything. Is the machine away until Friday, the answer is Send then, and
the step after it counts from Friday: late once, and never two at a time.

The order of the questions is the policy: is it over, do ends speak against it (not against what was asked for), is it
too early, too late, does it wait for an outcome that nobody has told yet, do its conditions and consent allow it, and
does the window stand open. A Skip is an answer like a Send, and is written down like one.

Rejected: jobs with a time, made when a lead enrols (an end must then find and cancel them, and one that it misses is
sent); a state machine with a table of transitions (the states of a lead are facts, and multiply); rules in SQL (no
simulation could ask them, and no test could hold them to a year in six time zones within a second).
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import assert_never

from nurture.domain.campaign import (
    AfterEnrolment,
    AfterLast,
    AfterVisit,
    BeforeVisit,
    Campaign,
    MorningOfVisit,
    Step,
)
from nurture.domain.consent import may_send
from nurture.domain.enrolment import Enrolment
from nurture.domain.message import MailKind
from nurture.domain.visit import Visit
from nurture.domain.window import local_instant

# A reminder in the last hour before a visit finds people already on their way.
LAST_NOTICE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Send:
    """The step is to go out now."""

    step: Step


@dataclass(frozen=True, slots=True)
class Skip:
    """The step is to be written down as not sent, with the reason, for good."""

    step: Step
    reason: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing is to be done before this instant (UTC), which always lies ahead."""

    until: datetime


@dataclass(frozen=True, slots=True)
class End:
    """The enrolment is over."""

    reason: str


Decision = Send | Skip | Wait | End


def decide(campaign: Campaign, enrolment: Enrolment, now: datetime) -> Decision:
    """What is to happen with the enrolment at `now`. Asked by the sweep, and again before a claim."""
    return decide_queued(campaign, enrolment, next_step(campaign, enrolment), now)


def decide_queued(campaign: Campaign, enrolment: Enrolment, step: Step | None, now: datetime) -> Decision:
    """What is to happen with the step that was next when it was queued, whatever was put before it since."""
    if enrolment.end_reason is not None:
        return End(enrolment.end_reason)
    # What a person asked for is owed to them: no goal or end comes before a requested step.
    if step is None or step.kind is not MailKind.REQUESTED:
        for fact in campaign.ends_on:
            if fact in enrolment.facts:
                return End(fact)
    return End("finished") if step is None else _decide_step(step, enrolment, now)


def decide_again(campaign: Campaign, enrolment: Enrolment, step: Step, now: datetime) -> Decision:
    """What is to happen with a step that staff send once more.

    Its place in the order and its hour are past; consent, conditions, ends and the lead's waking hours hold.
    """
    ends = campaign.ends_on if step.kind is not MailKind.REQUESTED else ()
    ended = next((fact for fact in ends if fact in enrolment.facts), None)
    if ended is not None:
        return Skip(step, ended)
    if _visit_has_started(step, enrolment, now):
        return Skip(step, "stale")
    return _send_if_welcome(step, enrolment, now)


def next_step(campaign: Campaign, enrolment: Enrolment) -> Step | None:
    """The first step after the furthest one settled.

    A step inserted behind a lead is not sent, a removed one is simply absent, a moved one cannot repeat.
    """
    done = {settled.step for settled in enrolment.settled}
    furthest = max((index for index, step in enumerate(campaign.steps) if step.name in done), default=-1)
    return next((step for step in campaign.steps[furthest + 1 :] if step.name not in done), None)


def invites(campaign: Campaign, enrolment: Enrolment) -> bool:
    """Tell whether the enrolment, as things stand, still brings articles or invitations."""
    step = next_step(campaign, enrolment)
    is_open = enrolment.facts.isdisjoint(campaign.ends_on) and may_send(MailKind.NURTURE, enrolment.facts) is None
    return step is not None and is_open and (step.kind is MailKind.NURTURE or campaign.invites_after(step))


def due_at(step: Step, enrolment: Enrolment) -> datetime:
    """The instant (UTC, inside the step's window) at which the step is due."""
    zone, window = enrolment.zone, step.window
    match step.anchor:
        case AfterEnrolment(span):
            return window.next_open(span.after(enrolment.enrolled_at, zone), zone)
        case AfterLast(span):
            return window.next_open(span.after(enrolment.anchor_at, zone), zone)
        case AfterVisit(span):
            return window.next_open(span.after(_visit(enrolment).starts_at, zone), zone)
        case BeforeVisit(span):
            return window.last_open(_visit(enrolment).starts_at - span.rough, zone)
        case MorningOfVisit(at):
            starts_at = _visit(enrolment).starts_at
            morning = local_instant(starts_at.astimezone(zone).date(), at, zone)
            return window.last_open(min(morning, starts_at - LAST_NOTICE), zone)
        case _:
            assert_never(step.anchor)


def _decide_step(step: Step, enrolment: Enrolment, now: datetime) -> Decision:
    due = due_at(step, enrolment)
    stale_at = due + step.stale_after
    if step.is_before_visit and due <= enrolment.enrolled_at:
        return Skip(step, "folded")
    if now < due:
        return Wait(due)
    if now >= stale_at or _visit_has_started(step, enrolment, now):
        return Skip(step, "stale")
    missing = [fact for fact in step.only_if if fact not in enrolment.facts]
    if enrolment.unknown.issuperset(missing) and missing:
        return Wait(stale_at)
    return _send_if_welcome(step, enrolment, now)


def _send_if_welcome(step: Step, enrolment: Enrolment, now: datetime) -> Decision:
    speaks_against = _condition(step, enrolment) or may_send(step.kind, enrolment.facts)
    return Skip(step, speaks_against) if speaks_against else _send_when_open(step, enrolment, now)


def _send_when_open(step: Step, enrolment: Enrolment, now: datetime) -> Decision:
    zone, earliest = enrolment.zone, now
    if step.kind is MailKind.NURTURE and enrolment.nurtured_at is not None:
        mailed_on = enrolment.nurtured_at.astimezone(zone).date()
        if mailed_on >= now.astimezone(zone).date():
            earliest = local_instant(mailed_on + timedelta(days=1), time.min, zone)
    opens = step.window.next_open(earliest, zone)
    if opens <= now:
        return Send(step)
    # A reminder that can no longer go out before its visit is of no use to anybody.
    return Skip(step, "stale") if _visit_has_started(step, enrolment, opens) else Wait(opens)


def _condition(step: Step, enrolment: Enrolment) -> str | None:
    """The first fact that speaks against the step: one that is missing (`not replied`), or one that holds."""
    missing = [f"not {fact}" for fact in step.only_if if fact not in enrolment.facts]
    return next(iter([*missing, *(fact for fact in step.unless if fact in enrolment.facts)]), None)


def _visit(enrolment: Enrolment) -> Visit:
    if enrolment.visit is None:
        raise ValueError("a step counted from a visit needs an enrolment with one")
    return enrolment.visit


def _visit_has_started(step: Step, enrolment: Enrolment, at: datetime) -> bool:
    return step.is_before_visit and at >= _visit(enrolment).starts_at
