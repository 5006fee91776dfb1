"""What a process has in hand, and the group commit before its dots: K mails `handed`, and the K before them `sent`.

The pool of connections (nurture/transport) knows tickets and bytes, the store knows rows. A ticket is a delivery's
number, and here stands the mail that belongs to it. Nothing is decided here, and nothing is sent.
"""

import threading
from collections.abc import Iterable
from dataclasses import replace

from nurture.domain.delivery_state import DeliveryState
from nurture.runtime import Runtime
from nurture.service.delivery.build import Built
from nurture.store.deliveries import Delivery
from nurture.store.hand_over import hand_over, handed
from nurture.transport.outcome import Accepted, Failed, Outcome, discreet


class Journal:
    """The mails in hand by their tickets. One thread takes more, another commits and lets go."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._built: dict[int, Built] = {}
        self._handed: dict[int, Delivery] = {}
        self._lock = threading.Lock()

    def take(self, built: Iterable[Built]) -> None:
        """These mails are in hand."""
        with self._lock:
            self._built |= {each.delivery.id: each for each in built}

    def commit(self, answered: list[int], ready: list[int]) -> set[int]:
        """What was answered is `sent`; of `ready`, what is returned is `handed`: its dot may go, and no other's."""
        dated = {each: self._built[each] for each in ready}
        with self._runtime.database.begin() as connection:
            sent = [self._handed[each] for each in answered]
            may_go = hand_over(connection, sent, list(dated.values()), self._runtime.clock())
        for each in may_go:
            self._handed[each] = handed(dated[each].delivery, dated[each].dated)
        return may_go

    def let_go(self, ticket: int, outcome: Outcome) -> tuple[Delivery, Outcome]:
        """The delivery as it stands, in hand no longer, with what came of it in words that do not name the reader."""
        with self._lock:
            built = self._built.pop(ticket)
        delivery = self._handed.pop(ticket, built.delivery)
        if isinstance(outcome, Accepted):
            delivery = replace(delivery, state=DeliveryState.SENT)
        # A definite answer says that this copy was not taken: whatever is in doubt is an older one.
        if isinstance(outcome, Failed):
            delivery = replace(delivery, handed_at=built.delivery.handed_at)
        return delivery, discreet(outcome, built.reader)
