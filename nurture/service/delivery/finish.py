"""The end of a delivery, and the enrolment's next step with it, in one transaction. Call with the lead locked."""

from sqlalchemy import Connection

from nurture.domain.delivery_state import DeliveryState
from nurture.domain.retry import ending
from nurture.runtime import Runtime
from nurture.service.advance import advance_or_retry_later
from nurture.store import deliveries
from nurture.store.deliveries import Delivery


def finish(
    connection: Connection, runtime: Runtime, delivery: Delivery, wanted: tuple[DeliveryState, str | None]
) -> bool:
    """The delivery has come to that end, if nobody was quicker, and its enrolment goes on; tells whether it has."""
    state, reason = ending(*wanted, delivery.times_in_doubt)
    now = runtime.clock()
    settled = deliveries.settle(connection, delivery, state, reason=reason, now=now)
    if settled:
        advance_or_retry_later(connection, runtime, [delivery.enrolment_id], now)
    return settled
