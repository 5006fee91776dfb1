"""Decisions about a lead as rows of the ledger. What a decision means is said in domain/interpreter."""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from nurture.domain.campaign import Campaign, Step
from nurture.domain.enrolment import Enrolment
from nurture.domain.interpreter import run
from nurture.runtime import Runtime
from nurture.service.message_id import message_id
from nurture.store import deliveries, enrolments
from nurture.store.deliveries import NewDelivery
from nurture.store.enrolment_snapshot import load_enrolment
from nurture.store.outage import TROUBLE

# When to look again at an enrolment or a delivery that failed unforeseen, or whose campaign this process lacks.
RETRY_LATER = timedelta(hours=1)
# A campaign or step that is unknown to one process may be new to another. After this long it is gone.
GONE_AFTER = timedelta(days=7)
CAMPAIGN_GONE = "campaign_gone"

log = logging.getLogger("nurture.advance")


def advance_or_retry_later(connection: Connection, runtime: Runtime, enrolment_id: int, now: datetime) -> None:
    """The enrolment is decided; one that cannot be is left for later, and holds nobody up."""
    try:
        with connection.begin_nested():
            advance(connection, runtime, enrolment_id, now)
    except TROUBLE:
        raise
    except Exception:
        log.exception("enrolment %d cannot be decided; it is looked at again in %s", enrolment_id, RETRY_LATER)
        enrolments.set_due(connection, enrolment_id, now + RETRY_LATER)


def advance(connection: Connection, runtime: Runtime, enrolment_id: int, now: datetime) -> list[int]:
    """The enrolment is decided until it waits, ends or has a delivery queued; returns the ids queued.

    Call with the lead locked. Calling it again changes nothing.
    """
    if deliveries.in_flight(connection, enrolment_id):
        enrolments.set_due(connection, enrolment_id, None)
        return []
    enrolment = load_enrolment(connection, enrolment_id)
    campaign = runtime.catalogue.campaigns.get(enrolment.campaign)
    if campaign is None:
        enrolments.set_due(connection, enrolment_id, now + RETRY_LATER)
        return []
    ledger = _Ledger(connection, runtime, campaign, enrolment)
    run(ledger, now)
    return ledger.queued


@dataclass(slots=True)
class _Ledger:
    """The Port of an enrolment in the ledger: a step that is due becomes a delivery, and nothing follows before it."""

    connection: Connection
    runtime: Runtime
    campaign: Campaign
    enrolment: Enrolment
    queued: list[int] = field(default_factory=list)

    def send(self, step: Step, at: datetime) -> None:
        queued = deliveries.queue(self.connection, new_delivery(self.runtime, self.enrolment, step), at)
        enrolments.set_due(self.connection, self.enrolment.id, None)
        self.queued += [queued] if queued is not None else []

    def skip(self, step: Step, reason: str, at: datetime) -> None:
        deliveries.record_skip(self.connection, new_delivery(self.runtime, self.enrolment, step), reason, at)
        self.enrolment = load_enrolment(self.connection, self.enrolment.id)

    def wait(self, until: datetime) -> None:
        enrolments.set_due(self.connection, self.enrolment.id, until)

    def end(self, reason: str, at: datetime) -> None:
        if self.enrolment.end_reason is None:
            enrolments.end_enrolment(self.connection, self.enrolment.id, reason, at)

    def resume(self, reason: str, at: datetime) -> None:
        for each in enrolments.resume_ended(self.connection, self.enrolment.lead_id, reason, at):
            self.queued += advance(self.connection, self.runtime, each, at)


def advance_lead(connection: Connection, runtime: Runtime, lead_id: int, now: datetime) -> list[int]:
    """Every enrolment of the lead that has not ended is decided anew; returns the ids queued."""
    active = enrolments.active_of_lead(connection, lead_id)
    return [queued for each in active for queued in advance(connection, runtime, each, now)]


def new_delivery(runtime: Runtime, enrolment: Enrolment, step: Step) -> NewDelivery:
    """The step as it is written down, under the name by which the world will know it."""
    identity = message_id(runtime, enrolment.public_id, step.name)
    return NewDelivery(enrolment.id, enrolment.lead_id, step.name, step.kind, identity)
