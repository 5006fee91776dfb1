"""What follows from an event, as values that the service floor carries out."""

from dataclasses import dataclass
from typing import Final

from nurture.domain.campaign import Campaign, Trigger
from nurture.domain.event import EventKind


@dataclass(frozen=True, slots=True)
class Suppress:
    """The lead's address goes on the suppression list for this reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class Lift:
    """The lead's address is no longer held back for this reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class Resume:
    """What had ended for this reason goes on where it stopped, unless the reason still holds."""

    reason: str


@dataclass(frozen=True, slots=True)
class Enrol:
    """The lead enters every campaign that starts on this."""

    trigger: Trigger


#: The ends that can be taken back: by a missed or cancelled visit, where its campaign says so, by the lead, and by
#: whoever gives an address that exists.
BOOKED: Final = "visit_booked"
STOPPED: Final = "unsubscribed"
DEAD: Final = "bounced"

Consequence = Suppress | Lift | Resume | Enrol

_CONSEQUENCES: Final[dict[EventKind, tuple[Consequence, ...]]] = {
    EventKind.UNSUBSCRIBED: (Suppress(STOPPED),),
    EventKind.RESUBSCRIBED: (Lift(STOPPED), Resume(STOPPED)),
    EventKind.BOUNCED: (Suppress(DEAD),),
    # With another address there is somebody to write to again.
    EventKind.EDITED: (Resume(DEAD),),
    EventKind.COMPLAINED: (Suppress("complained"),),
    EventKind.VISIT_BOOKED: (Enrol(Trigger.VISIT_BOOKED),),
    EventKind.VISIT_RESCHEDULED: (Enrol(Trigger.VISIT_BOOKED),),
    EventKind.VISIT_CANCELLED: (Enrol(Trigger.VISIT_CANCELLED),),
    EventKind.VISIT_CANCELLED_BY_VISITOR: (
        Enrol(Trigger.VISIT_CANCELLED),
        Enrol(Trigger.VISIT_CANCELLED_BY_VISITOR),
    ),
    EventKind.CALL_WANTED: (Enrol(Trigger.CALL_WANTED),),
    EventKind.REPLIED: (Enrol(Trigger.REPLIED),),
}


def consequences(kind: EventKind) -> tuple[Consequence, ...]:
    """What an event of this kind brings about, besides that every enrolment of the lead is decided anew.

    Ends are not among them: `decide` reads them from the facts that the event leaves in the ledger.
    """
    return _CONSEQUENCES.get(kind, ())


def resumes(campaign: Campaign, facts: frozenset[str]) -> bool:
    """Tell whether the end of this campaign sends the lead back to what a booking had ended."""
    return not facts.isdisjoint(campaign.resume_on)


def is_only_stopped(campaign: Campaign, facts: frozenset[str]) -> bool:
    """Tell whether nothing but unsubscribing ends this campaign for a lead of these facts."""
    return STOPPED in campaign.ends_on and (facts - {STOPPED}).isdisjoint(campaign.ends_on)
