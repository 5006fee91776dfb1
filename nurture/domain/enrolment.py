"""One lead's way through one campaign: everything `decide` may know, read from the ledger and nothing else."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from nurture.domain.visit import Visit, VisitStatus

#: Every fact a campaign file may name in `only_if`, `unless`, `ends_on` or `resume_on`, and what it means.
FACTS: dict[str, str] = {
    "no_address": "the lead gave no address",
    "unsubscribed": "the lead asked for no more articles and invitations",
    "bounced": "the address does not exist",
    "complained": "the lead reported our mail as spam",
    "suppressed": "staff put the address on the suppression list",
    "replied": "a person answered one of our mails",
    "repeated": "the lead has been through this campaign before",
    "visit_booked": "the lead has a visit to come",
    "visit_attended": "the lead has kept a visit",
    "this_confirmed": "this visit is confirmed",
    "this_cancelled": "this visit is cancelled",
    "this_moved": "this visit now starts at another time",
    "this_attended": "this visit was kept",
    "this_no_show": "this visit was missed",
    "rebooked": "the lead has another visit to come",
}
#: Facts that staff have yet to tell while a visit's outcome is not recorded.
OUTCOMES = frozenset({"this_attended", "this_no_show"})


class DeliveryState(StrEnum):
    """Where one (enrolment, step) stands in the ledger."""

    QUEUED = "queued"  #: decided and written down; nobody is working on it
    CLAIMED = "claimed"  #: one worker has it, under a lease
    HANDED = "handed"  #: the last byte may have left for the relay; no answer is recorded yet
    SENT = "sent"  #: the relay took it
    SKIPPED = "skipped"  #: decided against, with the reason
    FAILED = "failed"  #: refused for good
    UNCERTAIN = "uncertain"  #: handed over, and the answer never came; or sent in a time the ledger lost


#: Every change that a delivery may go through; the store refuses any other.
TRANSITIONS: dict[DeliveryState, frozenset[DeliveryState]] = {
    DeliveryState.QUEUED: frozenset(
        {DeliveryState.QUEUED, DeliveryState.CLAIMED, DeliveryState.SKIPPED, DeliveryState.UNCERTAIN}
    ),
    DeliveryState.CLAIMED: frozenset(
        {DeliveryState.QUEUED, DeliveryState.HANDED, DeliveryState.FAILED, DeliveryState.UNCERTAIN}
    ),
    DeliveryState.HANDED: frozenset(
        {DeliveryState.SENT, DeliveryState.QUEUED, DeliveryState.FAILED, DeliveryState.UNCERTAIN}
    ),
    DeliveryState.SENT: frozenset(),
    DeliveryState.SKIPPED: frozenset(),
    # What staff decide: a doubt is settled one way or the other, and a failure may be tried once more.
    DeliveryState.FAILED: frozenset({DeliveryState.QUEUED}),
    DeliveryState.UNCERTAIN: frozenset({DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.QUEUED}),
}
SETTLED = frozenset({DeliveryState.SENT, DeliveryState.SKIPPED, DeliveryState.FAILED, DeliveryState.UNCERTAIN})


@dataclass(frozen=True, slots=True)
class Settled:
    """A step that is over, however it ended, and when."""

    step: str
    state: DeliveryState
    at: datetime


@dataclass(frozen=True, slots=True)
class Enrolment:
    """One lead's way through one campaign, as of one look at the ledger."""

    id: int
    lead_id: int
    campaign: str
    zone: ZoneInfo
    enrolled_at: datetime
    settled: tuple[Settled, ...] = ()
    facts: frozenset[str] = frozenset()
    visit: Visit | None = None
    resumed_at: datetime | None = None
    nurtured_at: datetime | None = None
    end_reason: str | None = None

    @property
    def anchor_at(self) -> datetime:
        """The instant waits count from: the last settled step, the resumption or the enrolment."""
        instants = [self.enrolled_at, *(settled.at for settled in self.settled)]
        return max([*instants, self.resumed_at] if self.resumed_at else instants)

    @property
    def unknown(self) -> frozenset[str]:
        """The facts that nobody has recorded yet, as opposed to those known to be false."""
        return OUTCOMES if self.visit is not None and self.visit.is_live else frozenset()

    def after(self, settled: Settled, *, nurtured: bool) -> "Enrolment":
        """The enrolment once that step is over."""
        nurtured_at = settled.at if nurtured else self.nurtured_at
        return replace(self, settled=(*self.settled, settled), nurtured_at=nurtured_at)


def visit_facts(visit: Visit | None, sequence: int, others: tuple[Visit, ...]) -> frozenset[str]:
    """The facts that a lead's visits amount to, seen from an enrolment made for `visit` at `sequence`."""
    everyone = (*others, visit) if visit else others
    facts = {
        "visit_booked": any(each.is_live for each in everyone),
        "visit_attended": any(each.status is VisitStatus.ATTENDED for each in everyone),
        "rebooked": any(each.is_live for each in others),
    }
    if visit is not None:
        facts |= {
            "this_confirmed": visit.status is VisitStatus.CONFIRMED,
            "this_cancelled": visit.status is VisitStatus.CANCELLED,
            "this_moved": visit.sequence != sequence,
            "this_attended": visit.status is VisitStatus.ATTENDED,
            "this_no_show": visit.status is VisitStatus.NO_SHOW,
        }
    return frozenset(name for name, holds in facts.items() if holds)
