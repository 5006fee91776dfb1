"""Carries out one written decision: claim, render, hand over, settle. Everything that mails goes through here."""

import logging
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import assert_never

from sqlalchemy import Connection

from nurture.domain.delivery_state import DeliveryState
from nurture.domain.engine import End, Send, Skip, Wait, decide_again, decide_queued
from nurture.domain.errors import StoreError
from nurture.domain.event import Event, EventKind
from nurture.domain.message import MailKind
from nurture.domain.retry import GiveUp, RetryAt, StopAll, after_failure, ending, may_repeat, resend_at
from nurture.service.advance import CAMPAIGN_GONE, GONE_AFTER, RETRY_LATER, advance_or_retry_later
from nurture.service.desk import in_turn
from nurture.service.feedback import record_event
from nurture.service.high_water_mark import is_behind
from nurture.service.make import is_too_late, make
from nurture.service.runtime import Runtime
from nurture.store import deliveries, hints
from nurture.store.deliveries import Delivery
from nurture.store.enrolment_snapshot import load_enrolment
from nurture.store.leads import lock_lead
from nurture.store.system_state import read_system_state, stop_mail
from nurture.transport.outcome import Accepted, Captured, Doubt, Failed, Outcome, Withdrawn, discreet

log = logging.getLogger("nurture.deliver")

# What is sent as far as the campaign goes, and was not: a ledger must not say that a reader has it.
CAPTURED = "captured in a rehearsal (NURTURE_ONLY_TO)"


def deliver_all(runtime: Runtime, ids: list[int], must_stop: Callable[[], bool]) -> None:
    """Each delivery is settled or waits, whatever becomes of the others. What is left when `must_stop` goes later."""
    for place, delivery_id in enumerate(ids):
        if must_stop():
            with runtime.database.begin() as connection:
                hints.mark_unpublished(connection, ids[place:])
            return
        try:
            deliver(runtime, delivery_id)
        except StoreError:
            # Without a ledger there is nothing to do; the next sweep publishes what is left.
            raise
        except Exception:
            log.exception("delivery %d broke off; its lease lapses, and it is looked at again", delivery_id)


def deliver(runtime: Runtime, delivery_id: int) -> None:
    """The delivery is settled, or waits for a later attempt; a second call for the same id does nothing."""
    try:
        claimed = _claim(runtime, delivery_id)
    except StoreError:
        raise
    except Exception:
        log.exception("delivery %d cannot be decided", delivery_id)
        _put_aside(runtime, delivery_id)
        return
    if claimed is None:
        return
    made = make(runtime, claimed)
    if made is None:
        return
    held = _Held(runtime, claimed, made.dated)
    outcome = discreet(runtime.transport.hand_over(made.outgoing, held.hand), made.reader)
    # A definite answer says that this copy was not taken: whatever is in doubt is an older one.
    was_refused = isinstance(outcome, Failed)
    _settle(runtime, replace(held.delivery, handed_at=claimed.handed_at) if was_refused else held.delivery, outcome)


class _Held:
    """The delivery in hand; `hand` writes down, before the dot, that it can no longer be called back."""

    def __init__(self, runtime: Runtime, delivery: Delivery, dated: datetime) -> None:
        self._runtime, self.delivery, self._dated = runtime, delivery, dated

    def hand(self) -> bool:
        with self._runtime.database.begin() as connection:
            handed = deliveries.mark_handed(connection, self.delivery, self._dated)
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
        system = read_system_state(connection)
        if system.is_stopped(now) or is_behind(runtime, system):
            return None
        delivery = deliveries.delivery_by_id(connection, delivery_id)
        if delivery is None or delivery.state is not DeliveryState.QUEUED or delivery.not_before > now:
            return None
        return _claim_if_due(connection, runtime, delivery, now)


def _put_aside(runtime: Runtime, delivery_id: int) -> None:
    """What cannot be decided waits an hour; what a relay may have does so as a doubt, for staff to see."""
    with runtime.database.begin() as connection:
        delivery = deliveries.delivery_by_id(connection, delivery_id)
        if delivery is None or delivery.state is not DeliveryState.QUEUED:
            return
        now, reason = runtime.clock(), "it cannot be decided"
        if delivery.doubts:
            deliveries.settle(connection, delivery, DeliveryState.UNCERTAIN, reason=f"in doubt, and {reason}", now=now)
        else:
            deliveries.requeue(connection, replace(delivery, unmade_with=None), now + RETRY_LATER, reason=reason)


def _claim_if_due(connection: Connection, runtime: Runtime, delivery: Delivery, now: datetime) -> Delivery | None:
    enrolment = load_enrolment(connection, delivery.enrolment_id)
    campaign = runtime.catalogue.campaigns.get(enrolment.campaign)
    step = campaign.step(delivery.step) if campaign else None
    if campaign is None or step is None:
        _without_step(connection, runtime, delivery, "step_gone" if campaign else CAMPAIGN_GONE)
        return None
    ask = decide_queued if delivery.retried_at is None else decide_again
    decision = ask(campaign, enrolment, step, now)
    if isinstance(decision, Send) and is_too_late(delivery, (campaign, enrolment, step), now):
        decision = Skip(step, "stale")
    if delivery.kind is MailKind.STAFF and isinstance(decision, Send):
        decision = in_turn(connection, runtime.catalogue, delivery, (campaign, step), now)
    match decision:
        case Send() if _would_repeat(runtime, delivery, now):
            _finish(connection, runtime, delivery, (DeliveryState.UNCERTAIN, "in doubt for too long"))
        case Send():
            return deliveries.claim(connection, delivery)
        case Wait(until):
            # Until then a change of files is no reason to look.
            waiting = replace(delivery, unmade_with=delivery.unmade_with and runtime.sources)
            deliveries.requeue(connection, waiting, until, reason=delivery.reason)
        case Skip(_, "stale") if delivery.unmade_with is not None:
            _finish(connection, runtime, delivery, (DeliveryState.SKIPPED, f"stale: {delivery.reason}"[:200]))
        case Skip(_, reason) | End(reason):
            _finish(connection, runtime, delivery, (DeliveryState.SKIPPED, reason))
        case _:
            assert_never(decision)
    return None


def _without_step(connection: Connection, runtime: Runtime, delivery: Delivery, reason: str) -> None:
    """The delivery waits: this process may have read config/ before somebody added to it, and another knows better."""
    now = runtime.clock()
    if now < delivery.queued_at + GONE_AFTER:
        deliveries.requeue(connection, replace(delivery, unmade_with=None), now + RETRY_LATER, reason=reason)
    else:
        _finish(connection, runtime, delivery, (DeliveryState.SKIPPED, reason))


def _would_repeat(runtime: Runtime, delivery: Delivery, now: datetime) -> bool:
    """Tell whether the relay may have the mail, must not get it twice, and nobody asked for that since."""
    since = delivery.in_doubt_since
    return since is not None and not may_repeat(delivery.kind, since, now, keyed=runtime.is_keyed)


def _settle(runtime: Runtime, delivery: Delivery, outcome: Outcome) -> None:
    log.info("delivery %d of kind %s, attempt %d: %s", delivery.id, delivery.kind, delivery.attempts, outcome)
    with runtime.database.begin() as connection:
        lock_lead(connection, delivery.lead_id)
        match outcome:
            case Accepted():
                _finish(connection, runtime, delivery, (DeliveryState.SENT, None))
            case Captured():
                _finish(connection, runtime, delivery, (DeliveryState.SENT, CAPTURED))
            case Failed():
                _settle_failure(connection, runtime, delivery, outcome)
            case Doubt(reason):
                _settle_doubt(connection, runtime, delivery, reason)
            case Withdrawn():
                pass
            case _:
                assert_never(outcome)


def _settle_doubt(connection: Connection, runtime: Runtime, delivery: Delivery, reason: str) -> None:
    log.warning("delivery %d is in doubt: %s", delivery.id, reason)
    again_at = resend_at(delivery.kind, delivery.doubts, runtime.clock(), keyed=runtime.is_keyed)
    if again_at is None:
        _finish(connection, runtime, delivery, (DeliveryState.UNCERTAIN, reason))
    else:
        deliveries.requeue(connection, delivery, again_at, reason=reason, doubts=1)


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
            _finish(connection, runtime, delivery, (DeliveryState.FAILED, reason))
        case _:
            assert_never(next_step)
    # The desk's address says nothing about the lead's.
    if failed.address_is_dead and delivery.kind is not MailKind.STAFF:
        record_event(connection, runtime, Event(EventKind.BOUNCED, delivery.lead_id, now, delivery_id=delivery.id))


def _finish(
    connection: Connection, runtime: Runtime, delivery: Delivery, wanted: tuple[DeliveryState, str | None]
) -> None:
    state, reason = ending(*wanted, delivery.doubts)
    now = runtime.clock()
    if deliveries.settle(connection, delivery, state, reason=reason, now=now):
        advance_or_retry_later(connection, runtime.catalogue, delivery.enrolment_id, now)
