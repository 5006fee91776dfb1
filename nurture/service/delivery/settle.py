"""Writes down what the relay answered, and what follows from it. Mails nothing."""

import logging
import random
from collections.abc import Iterable
from dataclasses import replace
from typing import assert_never

from sqlalchemy import Connection

from nurture.domain.delivery_state import DeliveryState
from nurture.domain.errors import StoreError
from nurture.domain.event import Event, EventKind
from nurture.domain.message import MailKind
from nurture.domain.retry import GiveUp, RetryAt, StopAll, after_failure, resend_at
from nurture.runtime import Runtime
from nurture.service.advance import advance_or_retry_later
from nurture.service.delivery.finish import finish
from nurture.service.feedback import record_event
from nurture.store import deliveries
from nurture.store.deliveries import Delivery
from nurture.store.leads import lock_lead, lock_leads_of
from nurture.store.system_state import stop_mail
from nurture.transport.outcome import Accepted, Captured, Failed, InDoubt, Outcome, Withdrawn

log = logging.getLogger("nurture.delivery")

# What is sent as far as the campaign goes, and was not: a ledger must not say that a reader has it.
CAPTURED = "captured in a rehearsal (NURTURE_ONLY_TO)"


def settle(runtime: Runtime, answered: Iterable[tuple[Delivery, Outcome]]) -> None:
    """Each delivery is over, or waits for another attempt, as the relay's answer says; its enrolment goes on.

    One that a pool handed over is `sent` already, written down with somebody else's dot.
    """
    sent: list[Delivery] = []
    for delivery, outcome in answered:
        log.info("delivery %d of kind %s, attempt %d: %s", delivery.id, delivery.kind, delivery.attempts, outcome)
        if delivery.state is DeliveryState.SENT:
            sent.append(delivery)
        else:
            _settle_alone(runtime, delivery, outcome)
    if sent:
        _go_on(runtime, sent)


def _go_on(runtime: Runtime, sent: list[Delivery]) -> None:
    with runtime.database.begin() as connection:
        lock_leads_of(connection, [each.id for each in sent])
        advance_or_retry_later(connection, runtime, [each.enrolment_id for each in sent], runtime.clock())


def _settle_alone(runtime: Runtime, delivery: Delivery, outcome: Outcome) -> None:
    """What cannot be written down of one mail is that mail's trouble and nobody else's: its lease will tell."""
    try:
        _settle_one(runtime, delivery, outcome)
    except StoreError:
        raise
    except Exception:
        log.exception("what came of delivery %d cannot be written down", delivery.id)


def _settle_one(runtime: Runtime, delivery: Delivery, outcome: Outcome) -> None:
    with runtime.database.begin() as connection:
        lock_lead(connection, delivery.lead_id)
        match outcome:
            case Accepted():
                finish(connection, runtime, delivery, (DeliveryState.SENT, None))
            case Captured():
                finish(connection, runtime, delivery, (DeliveryState.SENT, CAPTURED))
            case Failed():
                _settle_failure(connection, runtime, delivery, outcome)
            case InDoubt(reason):
                _settle_in_doubt(connection, runtime, delivery, reason)
            case Withdrawn():
                pass
            case _:
                assert_never(outcome)


def _settle_in_doubt(connection: Connection, runtime: Runtime, delivery: Delivery, reason: str) -> None:
    log.warning("delivery %d is in doubt: %s", delivery.id, reason)
    again_at = resend_at(delivery.kind, delivery.times_in_doubt, runtime.clock(), keyed=runtime.is_keyed)
    if again_at is None:
        finish(connection, runtime, delivery, (DeliveryState.UNCERTAIN, reason))
    else:
        deliveries.requeue(connection, delivery, again_at, reason=reason, in_doubt=True)


def _settle_failure(connection: Connection, runtime: Runtime, delivery: Delivery, failed: Failed) -> None:
    now = runtime.clock()
    next_step = after_failure(failed.failure, delivery.kind, delivery.attempts, now, jitter=random.random())  # noqa: S311
    reason = f"{failed.failure}: {failed.reply}"[:200]
    match next_step:
        case RetryAt(at):
            deliveries.requeue(connection, delivery, at, reason=reason)
        case StopAll(until):
            stop_mail(connection, until, reason)
            # The attempt was not this mail's: it must not bring the mail nearer to being given up.
            deliveries.requeue(connection, replace(delivery, attempts=delivery.attempts - 1), until, reason=reason)
        case GiveUp():
            finish(connection, runtime, delivery, (DeliveryState.FAILED, reason))
        case _:
            assert_never(next_step)
    # The desk's address says nothing about the lead's.
    if failed.address_is_dead and delivery.kind is not MailKind.STAFF:
        record_event(connection, runtime, Event(EventKind.BOUNCED, delivery.lead_id, now, delivery_id=delivery.id))
