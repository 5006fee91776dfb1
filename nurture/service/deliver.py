"""Carries out one written decision: claim, render, hand over, settle. Everything that mails goes through here."""

import logging
import random
from datetime import datetime
from typing import assert_never

from sqlalchemy import Connection

from nurture.domain.engine import End, Send, Skip, Wait, decide
from nurture.domain.enrolment import DeliveryState
from nurture.domain.errors import StoreError
from nurture.domain.event import Event, EventKind
from nurture.domain.retry import Failure, GiveUp, RetryAt, after_failure, may_resend
from nurture.render.mime import serialise
from nurture.service.advance import advance
from nurture.service.compose import compose
from nurture.service.feedback import record
from nurture.service.runtime import Runtime
from nurture.store import deliveries
from nurture.store.deliveries import Delivery
from nurture.store.leads import lock_lead
from nurture.store.passage import load_enrolment
from nurture.transport.outcome import Accepted, Doubt, Failed, Outcome, Outgoing, Withdrawn

log = logging.getLogger("nurture.deliver")


def deliver(runtime: Runtime, delivery_id: int) -> None:
    """The delivery is settled, or waits for a later attempt; a second call for the same id does nothing."""
    claimed = _claim(runtime, delivery_id)
    if claimed is None:
        return
    outgoing = _outgoing(runtime, claimed)
    if isinstance(outgoing, Failed):
        _settle(runtime, claimed, outgoing)
        return
    held = _Held(runtime, claimed)
    outcome = runtime.transport.hand_over(outgoing, held.hand)
    _settle(runtime, held.delivery, outcome)


def _outgoing(runtime: Runtime, delivery: Delivery) -> Outgoing | Failed:
    """The mail as it travels. Whatever keeps it from being made is this delivery's own failure and nobody else's."""
    try:
        message = compose(runtime, delivery)
        return Outgoing(runtime.settings.mail.from_address, message.envelope.recipient.address, serialise(message))
    except StoreError:
        raise
    except Exception as error:
        log.exception("delivery %d cannot be made", delivery.id)
        return Failed(Failure.UNRENDERABLE, str(error))


class _Held:
    """The delivery in hand; `hand` writes down, before the dot, that it can no longer be called back."""

    def __init__(self, runtime: Runtime, delivery: Delivery) -> None:
        self._runtime, self.delivery = runtime, delivery

    def hand(self) -> bool:
        with self._runtime.database.begin() as connection:
            handed = deliveries.mark_handed(connection, self.delivery)
        self.delivery = handed or self.delivery
        return handed is not None


def _claim(runtime: Runtime, delivery_id: int) -> Delivery | None:
    """The delivery, claimed, when the engine still says so this very moment under the lead's lock."""
    with runtime.database.begin() as connection:
        delivery = deliveries.delivery_by_id(connection, delivery_id)
        if delivery is None:
            return None
        lock_lead(connection, delivery.lead_id)
        now = runtime.clock()
        delivery = deliveries.delivery_by_id(connection, delivery_id)
        if delivery is None or delivery.state is not DeliveryState.QUEUED or delivery.not_before > now:
            return None
        return _claim_if_due(connection, runtime, delivery, now)


def _claim_if_due(connection: Connection, runtime: Runtime, delivery: Delivery, now: datetime) -> Delivery | None:
    enrolment = load_enrolment(connection, delivery.enrolment_id)
    campaign = runtime.catalogue.campaigns.get(enrolment.campaign)
    decision = decide(campaign, enrolment, now) if campaign else End("campaign_gone")
    match decision:
        case Send(step) if step.name == delivery.step:
            return deliveries.claim(connection, delivery)
        case Wait(until):
            deliveries.requeue(connection, delivery, until, reason=delivery.reason)
        case Skip(step, reason) if step.name == delivery.step:
            _skip(connection, runtime, delivery, reason)
        case End(reason):
            _skip(connection, runtime, delivery, reason)
        case Send(_) | Skip(_, _):
            _skip(connection, runtime, delivery, "step_gone")
        case _:
            assert_never(decision)
    return None


def _skip(connection: Connection, runtime: Runtime, delivery: Delivery, reason: str) -> None:
    now = runtime.clock()
    if deliveries.settle(connection, delivery, DeliveryState.SKIPPED, reason=reason, now=now):
        advance(connection, runtime.catalogue, delivery.enrolment_id, now)


def _settle(runtime: Runtime, delivery: Delivery, outcome: Outcome) -> None:
    log.info("delivery %d of kind %s, attempt %d: %s", delivery.id, delivery.kind, delivery.attempts, outcome)
    with runtime.database.begin() as connection:
        lock_lead(connection, delivery.lead_id)
        now = runtime.clock()
        match outcome:
            case Accepted():
                _finish(connection, runtime, delivery, (DeliveryState.SENT, None))
            case Failed():
                _settle_failure(connection, runtime, delivery, outcome)
            case Doubt(reason) if may_resend(delivery.kind, delivery.doubts):
                deliveries.requeue(connection, delivery, now, reason=reason, doubts=1)
            case Doubt(reason):
                _finish(connection, runtime, delivery, (DeliveryState.UNCERTAIN, reason))
            case Withdrawn():
                pass
            case _:
                assert_never(outcome)


def _settle_failure(connection: Connection, runtime: Runtime, delivery: Delivery, failed: Failed) -> None:
    now = runtime.clock()
    next_step = after_failure(failed.failure, delivery.attempts, now, jitter=random.random())  # noqa: S311
    reason = f"{failed.failure}: {failed.reply}"[:200]
    match next_step:
        case RetryAt(at):
            deliveries.requeue(connection, delivery, at, reason=reason)
        case GiveUp():
            _finish(connection, runtime, delivery, (DeliveryState.FAILED, reason))
        case _:
            assert_never(next_step)
    if failed.address_is_dead:
        record(connection, runtime, Event(EventKind.BOUNCED, delivery.lead_id, now, delivery_id=delivery.id))


def _finish(
    connection: Connection, runtime: Runtime, delivery: Delivery, ending: tuple[DeliveryState, str | None]
) -> None:
    state, reason = ending
    now = runtime.clock()
    if deliveries.settle(connection, delivery, state, reason=reason, now=now):
        advance(connection, runtime.catalogue, delivery.enrolment_id, now)
