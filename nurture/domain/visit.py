"""An appointment and what may become of it. A refused change is a value that says why."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from nurture.domain.errors import Refusal

# People come early and staff tick them off at the door.
EARLY_ARRIVAL = timedelta(hours=2)

# No visit takes longer; settings refuse more.
LONGEST = timedelta(hours=8)
FURTHEST = timedelta(days=3653)


class VisitStatus(StrEnum):
    """Where an appointment stands."""

    BOOKED = "booked"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    ATTENDED = "attended"
    NO_SHOW = "no_show"


LIVE = frozenset({VisitStatus.BOOKED, VisitStatus.CONFIRMED})
OVER = frozenset({VisitStatus.ATTENDED, VisitStatus.NO_SHOW})


@dataclass(frozen=True, slots=True)
class Visit:
    """An appointment. `sequence` rises with every move, so calendars replace the entry (RFC 5545 3.8.7.4)."""

    id: int
    public_id: str
    lead_id: int
    starts_at: datetime
    minutes: int
    status: VisitStatus
    sequence: int
    booked_at: datetime

    @property
    def ends_at(self) -> datetime:
        """When the hour is free again (UTC)."""
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def is_live(self) -> bool:
        """Tell whether the visit is still to be kept."""
        return self.status in LIVE


def may_start_at(starts_at: datetime, now: datetime) -> Refusal | None:
    """Refuse a visit that would start in the past, or in years that only a slip of the hand can mean."""
    if starts_at > now + FURTHEST:
        return Refusal(
            "visit_too_far",
            f"{starts_at.year} is more than ten years ahead, so nothing was booked or moved. Look at the year.",
        )
    if starts_at > now:
        return None
    return Refusal(
        "visit_in_past", "That time has already passed, so nothing was booked or moved. Give a time to come."
    )


def confirm(visit: Visit, now: datetime) -> Visit | Refusal:
    """The visit, confirmed by the person who will come."""
    return _move_to(visit, VisitStatus.CONFIRMED, allowed=visit.is_live and now < visit.starts_at)


def cancel(visit: Visit, now: datetime) -> Visit | Refusal:
    """The visit, called off before it started. Its sequence rises, or calendars would keep the entry."""
    cancelled = _move_to(visit, VisitStatus.CANCELLED, allowed=visit.is_live and now < visit.starts_at)
    if isinstance(cancelled, Refusal) or cancelled is visit:
        return cancelled
    return replace(cancelled, sequence=visit.sequence + 1)


def attend(visit: Visit, now: datetime) -> Visit | Refusal:
    """The visit, kept. A no-show that was a slip of the desk can be put right."""
    happened = now >= visit.starts_at - EARLY_ARRIVAL
    return _move_to(visit, VisitStatus.ATTENDED, allowed=happened and (visit.is_live or visit.status in OVER))


def miss(visit: Visit, now: datetime) -> Visit | Refusal:
    """The visit, not kept and not called off."""
    happened = now >= visit.starts_at
    return _move_to(visit, VisitStatus.NO_SHOW, allowed=happened and (visit.is_live or visit.status in OVER))


def reschedule(visit: Visit, starts_at: datetime, now: datetime) -> Visit | Refusal:
    """The visit at its new time, to be confirmed afresh."""
    refusal = may_start_at(starts_at, now)
    if refusal is not None:
        return refusal
    if not visit.is_live:
        return _not_possible(visit, "moved")
    if starts_at == visit.starts_at:
        return Refusal("same_time", "The visit already starts at that time, so nothing was moved.")
    return replace(visit, starts_at=starts_at, status=VisitStatus.BOOKED, sequence=visit.sequence + 1)


def _move_to(visit: Visit, status: VisitStatus, *, allowed: bool) -> Visit | Refusal:
    if visit.status is status:
        return visit
    return replace(visit, status=status) if allowed else _not_possible(visit, status.value)


def _not_possible(visit: Visit, wanted: str) -> Refusal:
    words = wanted.replace("_", "-")
    now = visit.status.value.replace("_", "-")
    return Refusal(
        "not_possible",
        f"This visit is {now}, and at this time it cannot become {words}; nothing was changed. "
        "See `nurture visit list` for the visits of this lead.",
    )
