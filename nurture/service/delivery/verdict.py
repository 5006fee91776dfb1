"""What becomes of each free delivery of a set: it goes, waits or ends, as the engine says. Call with the leads locked.

The facts of a set are read at once, before any of its mails is decided. So what one mail changes for the next of the
same lead is kept here: whoever gets a nurture mail of this set has been mailed today.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never

from sqlalchemy import Connection

from nurture.domain.campaign import Campaign, Step
from nurture.domain.delivery_state import DeliveryState
from nurture.domain.engine import Decision, End, Send, Skip, Wait, decide_again, decide_queued
from nurture.domain.enrolment import Enrolment
from nurture.domain.imagined import turn_passes_at
from nurture.domain.message import MailKind
from nurture.domain.retry import may_repeat
from nurture.runtime import Runtime
from nurture.service.advance import CAMPAIGN_GONE, GONE_AFTER, RETRY_LATER
from nurture.service.delivery.finish import finish
from nurture.service.desk import in_turn
from nurture.store import deliveries
from nurture.store.deliveries import Delivery

Enrolled = tuple[Campaign, Enrolment, Step]


@dataclass(slots=True)
class Verdicts:
    """Of one set, at one instant: which deliveries go, and which wait and until when. What ends has ended."""

    connection: Connection
    runtime: Runtime
    now: datetime
    going: list[tuple[Delivery, Enrolled]] = field(default_factory=list)
    waiting: list[tuple[Delivery, datetime]] = field(default_factory=list)
    _mailed: set[int] = field(default_factory=set)

    def reach(self, delivery: Delivery, enrolment: Enrolment) -> None:
        """The delivery goes, waits or has ended."""
        campaign = self.runtime.catalogue.campaigns.get(enrolment.campaign)
        step = campaign.step(delivery.step) if campaign else None
        if campaign is None or step is None:
            self._without_step(delivery, "step_gone" if campaign else CAMPAIGN_GONE)
            return
        if delivery.lead_id in self._mailed:
            enrolment = replace(enrolment, nurtured_at=self.now)
        self._carry_out(delivery, (campaign, enrolment, step), self._decided(delivery, (campaign, enrolment, step)))

    def _decided(self, delivery: Delivery, enrolled: Enrolled) -> Decision:
        campaign, enrolment, step = enrolled
        ask = decide_queued if delivery.retried_at is None else decide_again
        decision = ask(campaign, enrolment, step, self.now)
        if isinstance(decision, Send) and _is_too_late(delivery, enrolled, self.now):
            return Skip(step, "stale")
        if delivery.kind is MailKind.STAFF and isinstance(decision, Send):
            return in_turn(self.connection, self.runtime.catalogue, delivery, (campaign, step), self.now)
        return decision

    def _carry_out(self, delivery: Delivery, enrolled: Enrolled, decision: Decision) -> None:
        match decision:
            case Send() if self._would_repeat(delivery):
                self._finish(delivery, DeliveryState.UNCERTAIN, "in doubt for too long")
            case Send():
                self.going.append((delivery, enrolled))
                if delivery.kind is MailKind.NURTURE:
                    self._mailed.add(delivery.lead_id)
            case Wait(until):
                self.waiting.append((delivery, until))
            case Skip(_, "stale") if delivery.unmade_with is not None:
                self._finish(delivery, DeliveryState.SKIPPED, f"stale: {delivery.reason}"[:200])
            case Skip(_, reason) | End(reason):
                self._finish(delivery, DeliveryState.SKIPPED, reason)
            case _:
                assert_never(decision)

    def _without_step(self, delivery: Delivery, reason: str) -> None:
        """It waits: this process may have read config/ before somebody added to it, and another knows better."""
        if self.now < delivery.queued_at + GONE_AFTER:
            waiting = replace(delivery, unmade_with=None)
            deliveries.requeue(self.connection, waiting, self.now + RETRY_LATER, reason=reason)
        else:
            self._finish(delivery, DeliveryState.SKIPPED, reason)

    def _would_repeat(self, delivery: Delivery) -> bool:
        """Tell whether the relay may have the mail, must not get it twice, and nobody asked for that since."""
        since = delivery.in_doubt_since
        return since is not None and not may_repeat(delivery.kind, since, self.now, keyed=self.runtime.is_keyed)

    def _finish(self, delivery: Delivery, state: DeliveryState, reason: str | None) -> None:
        finish(self.connection, self.runtime, delivery, (state, reason))


def _is_too_late(delivery: Delivery, enrolled: Enrolled, now: datetime) -> bool:
    """Tell whether a mail that could not be made has lost its use, though its step is not stale by the clock.

    One that staff sent once more is as old as their word; one about a visit gives way to the next about it.
    """
    if delivery.unmade_with is None:
        return False
    campaign, enrolment, step = enrolled
    if delivery.retried_at is not None:
        return now >= delivery.retried_at + step.stale_after
    passes_at = turn_passes_at(campaign, enrolment, step, now)
    return passes_at is not None and passes_at <= now
