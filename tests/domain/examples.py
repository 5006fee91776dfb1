"""The campaigns and enrolments that the domain tests use."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from nurture.domain.campaign import (
    AfterEnrolment,
    AfterLast,
    AfterVisit,
    BeforeVisit,
    Campaign,
    MorningOfVisit,
    Span,
    Step,
    Trigger,
)
from nurture.domain.enrolment import Enrolment
from nurture.domain.message import MailKind
from nurture.domain.visit import Visit, VisitStatus
from nurture.domain.window import Window

CHICAGO = ZoneInfo("America/Chicago")
ZONES = [
    ZoneInfo(name)
    for name in (
        "America/Chicago",
        "America/Los_Angeles",
        "Europe/London",
        "Australia/Lord_Howe",
        "Africa/Casablanca",
        "America/Phoenix",
    )
]
OFFICE = Window(time(9), time(18), frozenset(range(5)), frozenset({date(2026, 11, 26)}), frozenset({(12, 25)}))
WAKING = Window(time(8), time(20))
DAY = timedelta(days=1)


def at(text: str, zone: ZoneInfo = CHICAGO) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def step(name: str, anchor, **more) -> Step:
    return Step(name, anchor, **({"stale_after": 5 * DAY} | more))


DRIP = Campaign(
    "drip",
    "A drip",
    "you asked",
    Trigger.REPORT_REQUESTED,
    (
        step("report", AfterEnrolment(Span()), kind=MailKind.REQUESTED),
        step("one", AfterLast(Span(days=1)), window=OFFICE),
        step("two", AfterLast(Span(days=2)), window=OFFICE),
        step("three", AfterLast(Span(days=7)), window=OFFICE),
    ),
    ends_on=("visit_booked", "replied", "unsubscribed"),
)
VISIT = Campaign(
    "visit",
    "A visit",
    "you booked",
    Trigger.VISIT_BOOKED,
    (
        step("confirmation", AfterEnrolment(Span()), kind=MailKind.VISIT),
        step("three-days", BeforeVisit(Span(elapsed=3 * DAY)), kind=MailKind.VISIT, window=WAKING, stale_after=DAY),
        step("day-before", BeforeVisit(Span(elapsed=DAY)), kind=MailKind.VISIT, window=WAKING, stale_after=DAY / 2),
        step("same-morning", MorningOfVisit(time(8)), kind=MailKind.VISIT, window=WAKING, stale_after=DAY / 6),
        step(
            "thank-you",
            AfterVisit(Span(elapsed=DAY / 16)),
            kind=MailKind.VISIT,
            window=WAKING,
            only_if=("this_attended",),
            stale_after=2 * DAY,
        ),
        step("missed-you", AfterVisit(Span(elapsed=DAY / 16)), window=WAKING, only_if=("this_no_show",)),
        step("another-time", AfterVisit(Span(days=3)), window=OFFICE, only_if=("this_no_show",), unless=("rebooked",)),
    ),
    ends_on=("this_cancelled", "this_moved"),
    resume_on=("this_no_show", "this_cancelled"),
)


def enrolled(enrolled_at: datetime, zone: ZoneInfo = CHICAGO, **more) -> Enrolment:
    return Enrolment(1, 1, "drip", zone, enrolled_at, **more)


def visiting(booked_at: datetime, starts_at: datetime, status=VisitStatus.BOOKED, zone=CHICAGO, **more) -> Enrolment:
    visit = Visit(1, "v" * 20, 1, starts_at, 45, status, 0, booked_at)
    return Enrolment(2, 1, "visit", zone, booked_at, visit=visit, **more)
