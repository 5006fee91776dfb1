"""The facts that campaign files name, and the one place that says when each of them holds. Reads no table.

The ledger's snapshot and the simulation both ask `facts_of`, so a simulated lead ends where a real one does. A new fact
is a member here with its meaning, and a line in `facts_of`; the kind of an event that makes it is among TELLING.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from nurture.domain.event import EventKind
from nurture.domain.visit import Visit, VisitStatus


class Fact(StrEnum):
    """Everything that a campaign file may name in `only_if`, `unless`, `ends_on` or `resume_on`."""

    NO_ADDRESS = "no_address"
    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    SUPPRESSED = "suppressed"
    REPLIED = "replied"
    REPEATED = "repeated"
    VISIT_BOOKED = "visit_booked"
    VISIT_ATTENDED = "visit_attended"
    THIS_CONFIRMED = "this_confirmed"
    THIS_CANCELLED = "this_cancelled"
    THIS_MOVED = "this_moved"
    THIS_ATTENDED = "this_attended"
    THIS_NO_SHOW = "this_no_show"
    REBOOKED = "rebooked"


MEANINGS: dict[Fact, str] = {
    Fact.NO_ADDRESS: "the lead gave no address",
    Fact.UNSUBSCRIBED: "the lead asked for no more articles and invitations",
    Fact.BOUNCED: "the address does not exist",
    Fact.COMPLAINED: "the lead reported our mail as spam",
    Fact.SUPPRESSED: "staff put the address on the suppression list",
    Fact.REPLIED: "a person answered one of our mails",
    Fact.REPEATED: "the lead has been through this campaign before",
    Fact.VISIT_BOOKED: "the lead has a visit to come",
    Fact.VISIT_ATTENDED: "the lead has kept a visit",
    Fact.THIS_CONFIRMED: "this visit is confirmed",
    Fact.THIS_CANCELLED: "this visit is cancelled",
    Fact.THIS_MOVED: "this visit now starts at another time",
    Fact.THIS_ATTENDED: "this visit was kept",
    Fact.THIS_NO_SHOW: "this visit was missed",
    Fact.REBOOKED: "the lead has another visit to come",
}
#: Facts that staff have yet to tell while a visit's outcome is not recorded.
OUTCOMES = frozenset({Fact.THIS_ATTENDED, Fact.THIS_NO_SHOW})
#: The kinds of event that make a fact by having happened.
TELLING = frozenset({EventKind.REPLIED})


@dataclass(frozen=True, slots=True)
class LeadHistory:
    """What is known of one lead, whichever campaign asks.

    `holds` are the reasons for which mail is held back, `events` the kinds of event that happened, of TELLING at least.
    """

    holds: frozenset[str] = frozenset()
    events: frozenset[EventKind] = frozenset()
    visits: tuple[Visit, ...] = ()


# Of most leads the same is known, and a set asks for a hundred at a time.
@lru_cache(maxsize=256)
def facts_of(
    lead: LeadHistory, visit_id: int | None = None, sequence: int = 0, *, is_repeated: bool = False
) -> frozenset[Fact]:
    """Every fact that holds for the lead, seen from an enrolment made for that visit at that sequence, or for none."""
    own = next((each for each in lead.visits if each.id == visit_id), None)
    others = [each for each in lead.visits if each is not own]
    facts = {
        Fact.REPLIED: EventKind.REPLIED in lead.events,
        Fact.REPEATED: is_repeated,
        Fact.VISIT_BOOKED: any(each.is_live for each in lead.visits),
        Fact.VISIT_ATTENDED: any(each.status is VisitStatus.ATTENDED for each in lead.visits),
        Fact.REBOOKED: any(each.is_live for each in others),
    }
    if own is not None:
        facts |= {
            Fact.THIS_CONFIRMED: own.status is VisitStatus.CONFIRMED,
            Fact.THIS_CANCELLED: own.status is VisitStatus.CANCELLED,
            Fact.THIS_MOVED: own.sequence != sequence,
            Fact.THIS_ATTENDED: own.status is VisitStatus.ATTENDED,
            Fact.THIS_NO_SHOW: own.status is VisitStatus.NO_SHOW,
        }
    return frozenset(fact for fact, holds in facts.items() if holds) | {Fact(reason) for reason in lead.holds}


def meaning_of(reason: str) -> str:
    """What the fact of that name says; a reason that is no fact stays as it is."""
    return MEANINGS[Fact(reason)] if reason in set(Fact) else reason
