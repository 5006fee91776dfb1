"""Enrolments of a lead who is not real: a step that is due is settled at once. Knows no ledger and no clock."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from nurture.domain.campaign import Campaign, Step
from nurture.domain.delivery_state import DeliveryState
from nurture.domain.engine import Decision, End, Send, Skip
from nurture.domain.enrolment import Enrolment, Settled
from nurture.domain.interpreter import run
from nurture.domain.message import MailKind


class ImaginedLead(Protocol):
    """Whose enrolments they are: what one of them does, the others and the onlooker learn here."""

    def as_of_now(self, enrolment: Enrolment) -> Enrolment:
        """The enrolment with the facts, the visit and the day's mail as they stand."""

    def happened(self, campaign: Campaign, decision: Decision, at: datetime) -> None:
        """The decision was carried out."""

    def wait(self, until: datetime) -> datetime | None:
        """`until` where nothing else can happen before; None where it can."""

    def resume(self, reason: str, at: datetime) -> None:
        """The enrolments that had ended for this reason go on."""


@dataclass(slots=True)
class Imagined:
    """The Port of one imagined enrolment."""

    campaign: Campaign
    own: Enrolment
    lead: ImaginedLead

    @property
    def enrolment(self) -> Enrolment:
        """As it stands."""
        return self.lead.as_of_now(self.own)

    def send(self, step: Step, at: datetime) -> datetime | None:
        """The step is sent, and the next one decided at the same instant."""
        self._settle(step, DeliveryState.SENT, at)
        self.lead.happened(self.campaign, Send(step), at)
        return at

    def skip(self, step: Step, reason: str, at: datetime) -> None:
        """The step is skipped."""
        self._settle(step, DeliveryState.SKIPPED, at)
        self.lead.happened(self.campaign, Skip(step, reason), at)

    def wait(self, until: datetime) -> datetime | None:
        """As the lead says."""
        return self.lead.wait(until)

    def end(self, reason: str, at: datetime) -> None:
        """The enrolment is over."""
        if self.own.end_reason is None:
            self.own = replace(self.own, end_reason=reason)
        self.lead.happened(self.campaign, End(reason), at)

    def resume(self, reason: str, at: datetime) -> None:
        """As the lead says."""
        self.lead.resume(reason, at)

    def _settle(self, step: Step, state: DeliveryState, at: datetime) -> None:
        is_mailed = state is DeliveryState.SENT and step.kind is MailKind.NURTURE
        self.own = self.own.after(Settled(step.name, state, at), nurtured=is_mailed)


@dataclass(slots=True)
class _Undisturbed:
    """A lead with one enrolment, to whom nothing happens but its mail."""

    told: list[tuple[datetime, Decision]] = field(default_factory=list)

    def as_of_now(self, enrolment: Enrolment) -> Enrolment:
        return enrolment

    def happened(self, _campaign: Campaign, decision: Decision, at: datetime) -> None:
        self.told.append((at, decision))

    def wait(self, until: datetime) -> datetime | None:
        return until

    def resume(self, _reason: str, _at: datetime) -> None:
        """There is no other enrolment."""


def timeline(campaign: Campaign, enrolment: Enrolment, now: datetime) -> list[tuple[datetime, Decision]]:
    """The enrolment run forward from `now` with its facts as they are: what is decided but to wait, and when."""
    lead = _Undisturbed()
    run(Imagined(campaign, enrolment, lead), now)
    return lead.told


def turn_passes_at(campaign: Campaign, enrolment: Enrolment, step: Step, now: datetime) -> datetime | None:
    """When the next mail about the same visit goes, if this one of it never does; None when none follows."""
    if step.kind is not MailKind.VISIT:
        return None
    without = enrolment.after(Settled(step.name, DeliveryState.SKIPPED, now), nurtured=False)
    return next((at for at, decision in timeline(campaign, without, now) if isinstance(decision, Send)), None)
