"""One look at who may be due. May run twice, late, or on two machines at once, and changes nothing by it."""

import logging
from dataclasses import dataclass

from sqlalchemy import Connection

from nurture.domain.delivery_state import DeliveryState
from nurture.domain.retry import MOST_ATTEMPTS, ending, resend_at
from nurture.service import restore_guard
from nurture.service.advance import advance_or_retry_later
from nurture.service.make import try_mended
from nurture.service.publishing import publish_ready
from nurture.service.runtime import Runtime
from nurture.service.signup_limits import forget_old_signups
from nurture.store import deliveries, enrolments
from nurture.store.deliveries import Delivery
from nurture.store.leads import lock_lead

# One transaction's worth: short enough that on SQLite a signup never waits long for its turn.
BATCH = 100

log = logging.getLogger("nurture.sweep")


@dataclass(frozen=True, slots=True)
class Sweep:
    """What one sweep did: enrolments decided, deliveries recovered from lost workers, hints published."""

    decided: int
    recovered: int
    published: int

    @property
    def is_news(self) -> bool:
        """Tell whether there was anything to do."""
        return any((self.decided, self.recovered, self.published))


def sweep(runtime: Runtime) -> Sweep:
    """Everything due is decided and written down, what lost workers held is free again, and workers know.

    A ledger that was restored from an older copy holds what was due in between, and sends none of it.
    """
    restore_guard.begin_sweep(runtime)
    forget_old_signups(runtime)
    recovered = _recover(runtime)
    try_mended(runtime)
    decided, published = 0, publish_ready(runtime)
    while batch := _decide_batch(runtime):
        decided += batch
        # Told at once: with ten thousand due, the first mail need not wait for the last decision.
        published += publish_ready(runtime)
    return Sweep(decided, recovered, published)


def _decide_batch(runtime: Runtime) -> int:
    with runtime.database.begin() as connection:
        now = runtime.clock()
        due = enrolments.lock_due(connection, now, BATCH)
        for enrolment_id in due:
            advance_or_retry_later(connection, runtime.catalogue, enrolment_id, now)
        return len(due)


def _recover(runtime: Runtime) -> int:
    released = 0
    while True:
        with runtime.database.read() as connection:
            lost = deliveries.lapsed(connection, BATCH)
        freed = sum(_release(runtime, delivery) for delivery in lost)
        if freed == 0:
            # There are none, or another sweep is at them.
            return released
        released += freed


def _release(runtime: Runtime, delivery: Delivery) -> bool:
    log.warning("the worker that had delivery %d as %s is lost", delivery.id, delivery.state)
    with runtime.database.begin() as connection:
        lock_lead(connection, delivery.lead_id)
        now = runtime.clock()
        if delivery.state is DeliveryState.CLAIMED:
            # Before the dot nothing can have been delivered. What takes its worker along every time is given up.
            if delivery.attempts < MOST_ATTEMPTS:
                return deliveries.requeue(connection, delivery, now, reason="worker lost")
            return _settle(connection, runtime, delivery, DeliveryState.FAILED)
        again_at = resend_at(delivery.kind, delivery.doubts, now, keyed=runtime.is_keyed)
        if again_at is not None:
            return deliveries.requeue(connection, delivery, again_at, reason="worker lost", doubts=1)
        return _settle(connection, runtime, delivery, DeliveryState.UNCERTAIN)


def _settle(connection: Connection, runtime: Runtime, delivery: Delivery, wanted: DeliveryState) -> bool:
    now = runtime.clock()
    state, reason = ending(wanted, "worker lost", delivery.doubts)
    settled = deliveries.settle(connection, delivery, state, reason=reason, now=now)
    if settled:
        advance_or_retry_later(connection, runtime.catalogue, delivery.enrolment_id, now)
    return settled
