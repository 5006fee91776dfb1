"""Takes what may still go, right before it does: the engine is asked again, under the lead's lock. Mails nothing.

A claim is a lease with a *fencing token*. A lease alone does not keep two workers apart: one that stands still for
longer than its lease wakes up, and takes for its own what another has long had. So every claim raises the delivery's
fence, and every later change names the number that it was given (store/deliveries.py, `transition`):

    worker A claims delivery 7       claimed, fence 3, for five minutes
    A stands still                   the lease lapses, and a sweep queues 7 again
    worker B claims it               claimed, fence 4
    A wakes and is about to send     ... WHERE state = 'claimed' AND fence = 3: no such row, and A sends nothing

The last change that asks is `mark_handed`, right before the final dot. What leaves then is beyond any token, because no
relay compares one: hence the state `handed`, and mail in doubt. Leases go by the database's clock.

Rejected: a lock held while the relay answers (a transaction open for minutes, and lost with its connection); a lock in
the broker (two may hold it after a failover, and no row knows of it); the worker's name for a token (a worker that
comes back to a row it had before could not be told apart from itself).
"""

import logging
from dataclasses import replace
from datetime import datetime
from typing import assert_never

from sqlalchemy import Connection

from nurture.domain.campaign import Campaign, Step
from nurture.domain.delivery_state import DeliveryState
from nurture.domain.engine import End, Send, Skip, Wait, decide_again, decide_queued
from nurture.domain.enrolment import Enrolment
from nurture.domain.errors import StoreError
from nurture.domain.imagined import turn_passes_at
from nurture.domain.message import MailKind
from nurture.domain.retry import may_repeat
from nurture.runtime import Runtime
from nurture.service.advance import CAMPAIGN_GONE, GONE_AFTER, RETRY_LATER
from nurture.service.delivery.finish import finish
from nurture.service.desk import in_turn
from nurture.service.high_water_mark import is_behind
from nurture.store import deliveries
from nurture.store.deliveries import Delivery
from nurture.store.enrolment_snapshot import load_enrolment
from nurture.store.leads import lock_lead
from nurture.store.system_state import read_system_state

log = logging.getLogger("nurture.delivery")


def claim(runtime: Runtime, ids: list[int]) -> list[Delivery]:
    """Those of the deliveries that may go now, claimed, in this order; the others are settled, wait or are not ours."""
    claimed = []
    for delivery_id in ids:
        try:
            delivery = _claimed(runtime, delivery_id)
        except StoreError:
            raise
        except Exception:
            log.exception("delivery %d cannot be decided", delivery_id)
            _put_aside(runtime, delivery_id)
        else:
            claimed += [delivery] if delivery is not None else []
    return claimed


def _claimed(runtime: Runtime, delivery_id: int) -> Delivery | None:
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
    """What cannot be decided waits an hour; what a relay may have stays in doubt, for staff to see."""
    with runtime.database.begin() as connection:
        delivery = deliveries.delivery_by_id(connection, delivery_id)
        if delivery is None or delivery.state is not DeliveryState.QUEUED:
            return
        now, reason = runtime.clock(), "it cannot be decided"
        if delivery.times_in_doubt:
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
    if isinstance(decision, Send) and _is_too_late(delivery, (campaign, enrolment, step), now):
        decision = Skip(step, "stale")
    if delivery.kind is MailKind.STAFF and isinstance(decision, Send):
        decision = in_turn(connection, runtime.catalogue, delivery, (campaign, step), now)
    match decision:
        case Send() if _would_repeat(runtime, delivery, now):
            finish(connection, runtime, delivery, (DeliveryState.UNCERTAIN, "in doubt for too long"))
        case Send():
            return deliveries.claim(connection, delivery)
        case Wait(until):
            # Until then a change of files is no reason to look.
            waiting = replace(delivery, unmade_with=delivery.unmade_with and runtime.sources)
            deliveries.requeue(connection, waiting, until, reason=delivery.reason)
        case Skip(_, "stale") if delivery.unmade_with is not None:
            finish(connection, runtime, delivery, (DeliveryState.SKIPPED, f"stale: {delivery.reason}"[:200]))
        case Skip(_, reason) | End(reason):
            finish(connection, runtime, delivery, (DeliveryState.SKIPPED, reason))
        case _:
            assert_never(decision)
    return None


def _without_step(connection: Connection, runtime: Runtime, delivery: Delivery, reason: str) -> None:
    """The delivery waits: this process may have read config/ before somebody added to it, and another knows better."""
    now = runtime.clock()
    if now < delivery.queued_at + GONE_AFTER:
        deliveries.requeue(connection, replace(delivery, unmade_with=None), now + RETRY_LATER, reason=reason)
    else:
        finish(connection, runtime, delivery, (DeliveryState.SKIPPED, reason))


def _would_repeat(runtime: Runtime, delivery: Delivery, now: datetime) -> bool:
    """Tell whether the relay may have the mail, must not get it twice, and nobody asked for that since."""
    since = delivery.in_doubt_since
    return since is not None and not may_repeat(delivery.kind, since, now, keyed=runtime.is_keyed)


def _is_too_late(delivery: Delivery, enrolled: tuple[Campaign, Enrolment, Step], now: datetime) -> bool:
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
