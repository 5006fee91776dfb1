"""Decisions about leads as rows of the ledger, for a set of enrolments in a handful of statements.

What a decision means is said in domain/interpreter. Here its effects are collected, and written down together when all
of the set are decided; what one enrolment is about to do to its lead, the next one of that lead knows.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from nurture.domain.campaign import Campaign, Step
from nurture.domain.delivery_state import DeliveryState
from nurture.domain.enrolment import Enrolment, Settled
from nurture.domain.interpreter import run
from nurture.domain.message import MailKind
from nurture.runtime import Runtime
from nurture.service.message_id import message_id
from nurture.store import deliveries, enrolments
from nurture.store.deliveries import NewDelivery
from nurture.store.enrolment_snapshot import load_enrolments
from nurture.store.outage import TROUBLE

# When to look again at an enrolment or a delivery that failed unforeseen, or whose campaign this process lacks; and at
# an enrolment with mail under way, which goes on when that is settled, but for a kill at the wrong moment.
RETRY_LATER = timedelta(hours=1)
# A campaign or step that is unknown to one process may be new to another. After this long it is gone.
GONE_AFTER = timedelta(days=7)
CAMPAIGN_GONE = "campaign_gone"

log = logging.getLogger("nurture.advance")


def advance_or_retry_later(connection: Connection, runtime: Runtime, ids: list[int], now: datetime) -> list[int]:
    """As `advance_all`, but that an enrolment that cannot be decided is left for later, and holds nobody up."""
    try:
        with connection.begin_nested():
            return advance_all(connection, runtime, ids, now)
    except TROUBLE:
        raise
    except Exception:
        if len(ids) > 1:
            middle = len(ids) // 2
            halves = (ids[:middle], ids[middle:])
            return [each for half in halves for each in advance_or_retry_later(connection, runtime, half, now)]
        log.exception("enrolment %d cannot be decided; it is looked at again in %s", ids[0], RETRY_LATER)
        enrolments.set_due(connection, ids[0], now + RETRY_LATER)
        return []


def advance_all(connection: Connection, runtime: Runtime, ids: Iterable[int], now: datetime) -> list[int]:
    """Each enrolment is decided until it waits, ends or has a delivery queued; returns the ids queued.

    Call with their leads locked. Calling it again changes nothing.
    """
    decided = _Set(connection, runtime, now)
    decided.decide(list(dict.fromkeys(ids)))
    decided.write()
    return decided.queued


def advance_lead(connection: Connection, runtime: Runtime, lead_id: int, now: datetime) -> list[int]:
    """Every enrolment of the lead that has not ended is decided anew; returns the ids queued."""
    return advance_all(connection, runtime, enrolments.active_of_lead(connection, lead_id), now)


def new_delivery(runtime: Runtime, enrolment: Enrolment, step: Step) -> NewDelivery:
    """The step as it is written down, under the name by which the world will know it."""
    identity = message_id(runtime, enrolment.public_id, step.name)
    return NewDelivery(enrolment.id, enrolment.lead_id, step.name, step.kind, identity)


@dataclass(slots=True)
class _Set:
    """What was decided of a set of enrolments at one instant, and is not written down yet."""

    connection: Connection
    runtime: Runtime
    now: datetime
    queued: list[int] = field(default_factory=list)
    nurtured: set[int] = field(default_factory=set)
    resumed: set[int] = field(default_factory=set)
    sends: list[NewDelivery] = field(default_factory=list)
    skips: list[tuple[NewDelivery, str]] = field(default_factory=list)
    due: dict[int, datetime] = field(default_factory=dict)
    ends: dict[int, str] = field(default_factory=dict)

    def decide(self, ids: list[int]) -> None:
        """Each enrolment without mail under way is decided; the others are looked at again later."""
        self.due |= dict.fromkeys(ids, self.now + RETRY_LATER)
        under_way = deliveries.in_flight(self.connection, ids)
        for enrolment in load_enrolments(self.connection, (each for each in ids if each not in under_way)):
            campaign = self.runtime.catalogue.campaigns.get(enrolment.campaign)
            # As it was read it had ended, and another of the set has had it go on since.
            is_stale = enrolment.end_reason is not None and enrolment.id in self.resumed
            if campaign is not None and not is_stale:
                run(_Collected(self, campaign, self._as_of_now(enrolment)), self.now)

    def write(self) -> None:
        """The ledger has all that was decided."""
        self.queued += deliveries.queue_all(self.connection, self.sends, self.now)
        deliveries.record_skips(self.connection, self.skips, self.now)
        enrolments.end_all(self.connection, self.ends, self.now)
        enrolments.set_due_all(self.connection, self.due)
        for written in (self.sends, self.skips, self.ends, self.due):
            written.clear()

    def resume(self, lead_id: int, reason: str) -> None:
        """What had ended of the lead's for this reason goes on, and is decided by what is written down so far."""
        self.write()
        resumed = enrolments.resume_ended(self.connection, lead_id, reason, self.now)
        self.resumed.update(resumed)
        self.decide(resumed)

    def _as_of_now(self, enrolment: Enrolment) -> Enrolment:
        """The enrolment, whose lead may be about to get a nurture mail from another one of the set."""
        return replace(enrolment, nurtured_at=self.now) if enrolment.lead_id in self.nurtured else enrolment


@dataclass(slots=True)
class _Collected:
    """The Port of an enrolment in a set: a step that is due becomes a delivery, and nothing follows before it."""

    of: _Set
    campaign: Campaign
    enrolment: Enrolment

    def send(self, step: Step, _at: datetime) -> None:
        self.of.sends.append(new_delivery(self.of.runtime, self.enrolment, step))
        if step.kind is MailKind.NURTURE:
            self.of.nurtured.add(self.enrolment.lead_id)

    def skip(self, step: Step, reason: str, at: datetime) -> None:
        self.of.skips.append((new_delivery(self.of.runtime, self.enrolment, step), reason))
        self.enrolment = self.enrolment.after(Settled(step.name, DeliveryState.SKIPPED, at), nurtured=False)

    def wait(self, until: datetime) -> None:
        self.of.due[self.enrolment.id] = until

    def end(self, reason: str, _at: datetime) -> None:
        self.of.ends[self.enrolment.id] = reason

    def resume(self, reason: str, _at: datetime) -> None:
        self.of.resume(self.enrolment.lead_id, reason)
