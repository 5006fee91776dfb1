"""An ordered list of steps, what starts it, what ends it, and when it may send. Reads no files."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from nurture.domain.message import MailKind
from nurture.domain.window import ALWAYS, Window, local_instant

_SPAN = re.compile(r"(\d+)(w|d|h|m)")


@dataclass(frozen=True, slots=True)
class Span:
    """A wait. Days are calendar days of the lead's wall clock; hours and minutes are elapsed time."""

    days: int = 0
    elapsed: timedelta = timedelta()

    def after(self, at: datetime, zone: ZoneInfo) -> datetime:
        """The UTC instant this much later than `at` for someone in `zone`."""
        local = at.astimezone(zone)
        if self.days:
            local_day = local.date() + timedelta(days=self.days)
            at = local_instant(local_day, local.time(), zone)
        return at.astimezone(UTC) + self.elapsed

    @property
    def rough(self) -> timedelta:
        """The span in elapsed time, counting a day as 24 hours."""
        return timedelta(days=self.days) + self.elapsed


def parse_span(text: str) -> Span | None:
    """The span written as `90m`, `72h`, `3d` or `2w`; None when it is not one."""
    match = _SPAN.fullmatch(text)
    if match is None or len(match[1]) > 4:
        return None
    count = int(match[1])
    return {
        "w": Span(days=7 * count),
        "d": Span(days=count),
        "h": Span(elapsed=timedelta(hours=count)),
        "m": Span(elapsed=timedelta(minutes=count)),
    }[match[2]]


@dataclass(frozen=True, slots=True)
class AfterEnrolment:
    """Counted from the enrolment."""

    span: Span


@dataclass(frozen=True, slots=True)
class AfterLast:
    """Counted from the last settled step, so an outage is never followed by a burst."""

    span: Span


@dataclass(frozen=True, slots=True)
class BeforeVisit:
    """So long before the visit starts; outside its window it moves earlier."""

    span: Span


@dataclass(frozen=True, slots=True)
class MorningOfVisit:
    """At this local time on the day of the visit, or an hour before the visit, whichever is first."""

    at: time


@dataclass(frozen=True, slots=True)
class AfterVisit:
    """So long after the visit started."""

    span: Span


Anchor = AfterEnrolment | AfterLast | BeforeVisit | MorningOfVisit | AfterVisit


class Trigger(StrEnum):
    """What enrols a lead in a campaign."""

    REPORT_REQUESTED = "report_requested"
    VISIT_BOOKED = "visit_booked"
    VISIT_CANCELLED = "visit_cancelled"
    VISIT_CANCELLED_BY_VISITOR = "visit_cancelled_by_visitor"
    CALL_WANTED = "call_wanted"
    REPLIED = "replied"
    STAFF = "staff"

    @property
    def is_of_visit(self) -> bool:
        """Tell whether what it starts is about one visit."""
        return self in {Trigger.VISIT_BOOKED, Trigger.VISIT_CANCELLED, Trigger.VISIT_CANCELLED_BY_VISITOR}

    @property
    def is_for_desk(self) -> bool:
        """Tell whether what it starts is news for the front desk and no mail to the lead."""
        return self in {Trigger.VISIT_CANCELLED_BY_VISITOR, Trigger.CALL_WANTED, Trigger.REPLIED}


class CalendarMethod(StrEnum):
    """What an attached calendar file does (RFC 5546 3.2)."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True)
class Step:
    """One mail of a campaign. Its name is its identity in the ledger forever."""

    name: str
    anchor: Anchor
    stale_after: timedelta
    kind: MailKind = MailKind.NURTURE
    window: Window = ALWAYS
    only_if: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    article: str | None = None
    calendar: CalendarMethod | None = None

    @property
    def is_before_visit(self) -> bool:
        """Tell whether the step is of no use once the visit has started."""
        return isinstance(self.anchor, BeforeVisit | MorningOfVisit)


@dataclass(frozen=True, slots=True)
class Campaign:
    """An ordered list of steps, what starts it and what ends it."""

    name: str
    title: str
    why: str
    starts_on: Trigger
    steps: tuple[Step, ...]
    ends_on: tuple[str, ...] = ()
    resume_on: tuple[str, ...] = ()
    report: str | None = None
    topics: frozenset[str] = field(default_factory=frozenset)
    #: Of a campaign that delivers a report: what its page asks to be agreed to, what staff testify who type somebody
    #: in, and what is said to follow; with amounts to be filled in (see domain/extent.py).
    consent: str = ""
    consent_by_staff: str = ""
    what_follows: str = ""

    def step(self, name: str) -> Step | None:
        """The step of that name, or None when the campaign has none (any longer)."""
        return next((step for step in self.steps if step.name == name), None)

    def invites_after(self, step: Step) -> bool:
        """Tell whether articles or invitations come after that step."""
        return any(each.kind is MailKind.NURTURE for each in self.steps[self.steps.index(step) + 1 :])
