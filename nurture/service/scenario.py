"""What an imagined lead does, told in days, as scripted events for the simulator and the demo alike."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from nurture.domain.event import EventKind
from nurture.domain.window import local_instant
from nurture.service.simulate import ScriptedEvent

#: What may become of a visit, how long after its start (or before, when negative) that is told, and the news.
OUTCOMES: dict[str, tuple[timedelta, EventKind]] = {
    "attended": (timedelta(hours=1), EventKind.VISIT_ATTENDED),
    "no-show": (timedelta(minutes=40), EventKind.VISIT_NO_SHOW),
    "cancelled": (timedelta(hours=-30), EventKind.VISIT_CANCELLED),
}
# Odd minutes, so that what people do never falls on the very instant of a mail.
_BOOKS_AT, _UNSUBSCRIBES_AT, _VISIT_AT = time(11, 23), time(12, 41), time(10)
_WEEKEND = (5, 6)


@dataclass(frozen=True, slots=True)
class Scenario:
    """What one lead does. Days are counted from the signup; None where the thing does not happen."""

    books: int | None = None
    visit_in: int = 5
    outcome: str = "attended"
    confirms: bool = False
    unsubscribes: int | None = None


def scripted_events(scenario: Scenario, start: datetime, clinic: ZoneInfo) -> tuple[ScriptedEvent, ...]:
    """What happens in the scenario to a lead who asked for the report at `start`, on the clinic's wall clock."""
    events: list[ScriptedEvent] = []
    first_day = start.astimezone(clinic).date()
    if scenario.books is not None:
        booked_at = _later(local_instant(first_day + timedelta(days=scenario.books), _BOOKS_AT, clinic), start)
        visit_day = _weekday(booked_at.astimezone(clinic).date() + timedelta(days=scenario.visit_in))
        visit_at = local_instant(visit_day, _VISIT_AT, clinic)
        events.append(ScriptedEvent(booked_at, EventKind.VISIT_BOOKED, visit_at))
        if scenario.confirms:
            events.append(ScriptedEvent(booked_at + timedelta(minutes=52), EventKind.VISIT_CONFIRMED))
        after, news = OUTCOMES[scenario.outcome]
        events.append(ScriptedEvent(max(visit_at + after, booked_at + timedelta(hours=1)), news))
    if scenario.unsubscribes is not None:
        leaves = local_instant(first_day + timedelta(days=scenario.unsubscribes), _UNSUBSCRIBES_AT, clinic)
        events.append(ScriptedEvent(_later(leaves, start), EventKind.UNSUBSCRIBED))
    return tuple(events)


def _later(at: datetime, start: datetime) -> datetime:
    """`at`, or a few minutes after the start when that came later in the day."""
    return at if at > start else start + timedelta(minutes=13)


def _weekday(day: date) -> date:
    while day.weekday() in _WEEKEND:
        day += timedelta(days=1)
    return day
