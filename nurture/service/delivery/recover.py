"""Frees what lost workers held: their leases have lapsed, and what they did is told by how far they had come."""

import logging

from nurture.domain.delivery_state import DeliveryState
from nurture.domain.retry import MOST_ATTEMPTS, resend_at
from nurture.runtime import Runtime
from nurture.service.delivery.finish import finish
from nurture.store import deliveries
from nurture.store.deliveries import Delivery
from nurture.store.leads import lock_lead

log = logging.getLogger("nurture.delivery")

# One transaction's worth.
BATCH = 100


def recover(runtime: Runtime) -> int:
    """What lost workers held is free again, or in doubt; returns how many."""
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
            return finish(connection, runtime, delivery, (DeliveryState.FAILED, "worker lost"))
        again_at = resend_at(delivery.kind, delivery.times_in_doubt, now, keyed=runtime.is_keyed)
        if again_at is not None:
            return deliveries.requeue(connection, delivery, again_at, reason="worker lost", in_doubt=True)
        return finish(connection, runtime, delivery, (DeliveryState.UNCERTAIN, "worker lost"))
