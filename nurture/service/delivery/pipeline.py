"""The way of what is decided, from a hint to the last answer: the one place to read before any of its parts.

1. `claim` asks the engine once more under the lead's lock, and takes what may still go: nobody else has it now.
2. `build` makes the mail of each. What cannot be built waits for its files; it was no attempt.
3. The transport hands it to the relay. Right before the final dot `hand` commits that it can no longer be called back,
   with the claim's fencing token: whoever lost the lease meanwhile is told so, and withdraws.
4. `settle` writes down what the relay answered, what follows from it, and what the enrolment does next.

Nothing goes back up this list. A process that dies on the way leaves a lease behind, and `recover` finds it: before the
dot the mail is free again, after it nobody knows, and it is in doubt.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from nurture.domain.errors import StoreError
from nurture.mail.filled import rendered
from nurture.runtime import Runtime
from nurture.service.delivery.build import Built, build
from nurture.service.delivery.claim import claim
from nurture.service.delivery.settle import settle
from nurture.store import outbox
from nurture.store.deliveries import Delivery
from nurture.store.hand_over import hand_over, handed
from nurture.transport.outcome import Failed, Outcome, discreet

log = logging.getLogger("nurture.delivery")


def deliver_all(runtime: Runtime, ids: list[int], must_stop: Callable[[], bool]) -> None:
    """Each delivery is settled or waits, whatever becomes of the others. What is left when `must_stop` goes later."""
    for place, delivery_id in enumerate(ids):
        if must_stop():
            with runtime.database.begin() as connection:
                outbox.mark_undispatched(connection, ids[place:])
            return
        try:
            deliver(runtime, delivery_id)
        except StoreError:
            # Without a ledger there is nothing to do; the next sweep dispatches what is left.
            raise
        except Exception:
            log.exception("delivery %d broke off; its lease lapses, and it is looked at again", delivery_id)


def deliver(runtime: Runtime, delivery_id: int) -> None:
    """The delivery is settled, or waits for a later attempt; a second call for the same id does nothing."""
    for built in build(runtime, claim(runtime, [delivery_id]), partial(rendered, runtime.mail_kit)):
        settle(runtime, [_hand_over(runtime, built)])


def _hand_over(runtime: Runtime, built: Built) -> tuple[Delivery, Outcome]:
    """What the relay made of it, with the delivery as it stands."""
    held = _Held(runtime, built)
    outcome = discreet(runtime.transport.hand_over(built.outgoing, held.hand), built.reader)
    # A definite answer says that this copy was not taken: whatever is in doubt is an older one.
    was_refused = isinstance(outcome, Failed)
    return replace(held.delivery, handed_at=built.delivery.handed_at) if was_refused else held.delivery, outcome


class _Held:
    """The delivery in hand; `hand` writes down, before the dot, that it can no longer be called back."""

    def __init__(self, runtime: Runtime, built: Built) -> None:
        self._runtime, self._built, self.delivery = runtime, built, built.delivery

    def hand(self) -> bool:
        with self._runtime.database.begin() as connection:
            is_ours = bool(hand_over(connection, [], [self._built], self._runtime.clock()))
        if is_ours:
            self.delivery = handed(self.delivery, self._built.dated)
        return is_ours
