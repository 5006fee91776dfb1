"""What staff decide about a delivery whose fate is in doubt: it was sent, it was not, or it goes once more."""

from nurture.domain.delivery_state import TRANSITIONS, DeliveryState
from nurture.domain.errors import Refusal
from nurture.runtime import Runtime
from nurture.service.dispatch import dispatch_queued, dispatch_ready
from nurture.store import in_doubt
from nurture.store.deliveries import Delivery, delivery_by_id
from nurture.store.leads import lock_lead
from nurture.store.outbox import mark_dispatched
from nurture.store.system_state import stop_mail
from nurture.store.unmade import try_unmade, unmade_reasons


def settle(runtime: Runtime, delivery_id: int, *, was_sent: bool) -> Delivery | Refusal:
    """The delivery in doubt is on record as sent, or as failed; the mail itself is left alone."""
    state, reason = (DeliveryState.SENT, "settled: sent") if was_sent else (DeliveryState.FAILED, "settled: unsent")
    with runtime.database.begin() as connection:
        delivery = delivery_by_id(connection, delivery_id)
        if delivery is None:
            return _unknown(delivery_id)
        if delivery.state is not DeliveryState.UNCERTAIN or not in_doubt.resolve(connection, delivery, state, reason):
            return Refusal(
                "not_in_doubt",
                f"Delivery {delivery_id} is {delivery.state}, which is not in doubt, so it stays as it is. "
                "See `nurture delivery list --state uncertain`.",
            )
    return delivery


def retry(runtime: Runtime, delivery_id: int) -> Delivery | Refusal:
    """The delivery that failed or is in doubt goes once more, under its Message-ID, if the lead may still get it."""
    with runtime.database.begin() as connection:
        delivery = delivery_by_id(connection, delivery_id)
        if delivery is None:
            return _unknown(delivery_id)
        lock_lead(connection, delivery.lead_id)
        may = delivery.settled_at is not None and DeliveryState.QUEUED in TRANSITIONS[delivery.state]
        if not may or not in_doubt.ask_again(connection, delivery, runtime.clock()):
            return Refusal(
                "not_to_retry",
                f"Delivery {delivery_id} is {delivery.state}; only failed and uncertain ones go once more, "
                "so nothing was done.",
            )
        mark_dispatched(connection, [delivery_id])
    dispatch_queued(runtime, [delivery_id])
    return delivery


def release(runtime: Runtime, *, dry_run: bool = False) -> int:
    """Everything held since the ledger was restored goes once more (or would); returns how many.

    What cannot be made is tried now and counts among them; mail that was stopped because the relay is away or refuses
    the sender goes again, too.
    """
    with runtime.database.read() as connection:
        held = in_doubt.restored(connection)
        waiting = sum(count for _, count in unmade_reasons(connection))
    if dry_run:
        return len(held) + waiting
    with runtime.database.begin() as connection:
        stop_mail(connection, None, None)
        waiting = try_unmade(connection, runtime.clock())
    dispatch_ready(runtime)
    return waiting + sum(isinstance(retry(runtime, delivery.id), Delivery) for delivery in held)


def _unknown(delivery_id: int) -> Refusal:
    return Refusal("no_delivery", f"There is no delivery {delivery_id}. See `nurture delivery list`.")
