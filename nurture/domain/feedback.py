"""What follows from an event, as values that the service floor carries out."""

import re
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


# RFC 3463 3.8: X.7.z is about what is permitted to whom. Old relays say it in words alone.
_POLICY = re.compile(r"\b5\.7\.\d{1,3}\b")
_POLICY_WORDS = re.compile(
    r"relay|sender|authenti|log ?in|policy|spam|block|denied|(un)?authori[sz]ed|permitted|verif|reputation|rcpthosts|"
    r"prohibit|quota|rate|limit|too many|helo|listed|account|suspend|paused|credit",
    re.IGNORECASE,
)
# What relays without enhanced codes say of an address that does not exist.
_DEAD_WORDS = re.compile(
    r"no such|unknown|(does not|doesn't|do not) exist|not found|no mailbox|invalid (recipient|mailbox|user|address)|"
    r"not a (valid|known)|unrout(e)?able|no longer",
    re.IGNORECASE,
)
# RFC 3463 3.2: X.1.z is about the address; of these only the ones that say it does not exist.
_DEAD_ADDRESS = re.compile(r"\b5\.1\.(1|2|3|6|10)\b")
_ENHANCED = re.compile(r"\b5\.\d{1,3}\.\d{1,3}\b")


def address_is_dead(code: int, reply: str) -> bool:
    """Tell whether a refusal of the recipient says that the address does not exist.

    A full mailbox or a policy says nothing about the address. Without an enhanced code the number says too little
    (RFC 5321 4.2.2 gives 550 to both), so the words decide, and silence is no verdict.
    """
    if _ENHANCED.search(reply):
        return bool(_DEAD_ADDRESS.search(reply))
    return code in {550, 551, 553} and bool(_DEAD_WORDS.search(reply)) and not _POLICY_WORDS.search(reply)


def is_policy(code: int, reply: str) -> bool:
    """Tell whether a refusal after MAIL is about who sends: many a relay says so only here.

    A relay that wants a login first (RFC 4954 6: 530), another network or a paid bill refuses every lead alike.
    """
    if _ENHANCED.search(reply):
        return bool(_POLICY.search(reply))
    return code == 530 or bool(_POLICY_WORDS.search(reply))
