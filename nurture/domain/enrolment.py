"""One lead's way through one campaign: everything `decide` may know, read from the ledger and nothing else."""

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from nurture.domain.delivery_state import DeliveryState
from nurture.domain.facts import OUTCOMES
from nurture.domain.visit import Visit


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
    public_id: str = ""
    # The visit's, when it began: it has been moved since if that is another now.
    visit_sequence: int = 0

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
