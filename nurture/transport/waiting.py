"""The mails that wait for a line, and all that are in hand, for the threads that offer and the one that drives."""

import threading
from collections import deque
from collections.abc import Iterable

from nurture.transport.transaction import Transaction


class Waiting:
    """First come, first served; a mail that lost its line comes first."""

    def __init__(self) -> None:
        self._mails: deque[Transaction] = deque()
        self._in_hand: set[int] = set()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._mails)

    @property
    def in_hand(self) -> int:
        """How many mails were offered and have not come out, waiting or not."""
        return len(self._in_hand)

    def offer(self, mail: Transaction) -> None:
        """The mail is in hand, and waits."""
        with self._lock:
            self._in_hand.add(mail.ticket)
            self._mails.append(mail)

    def next(self) -> Transaction | None:
        """The mail that has waited longest, which waits no longer."""
        with self._lock:
            return self._mails.popleft() if self._mails else None

    def put_first(self, mail: Transaction) -> None:
        """The mail waits once more, before all others."""
        with self._lock:
            self._mails.appendleft(mail)

    def emptied(self) -> list[int]:
        """The tickets of the mails that waited; none does any longer."""
        with self._lock:
            tickets = [each.ticket for each in self._mails]
            self._mails.clear()
        return tickets

    def forget(self, tickets: Iterable[int]) -> None:
        """These mails have come out."""
        with self._lock:
            self._in_hand.difference_update(tickets)
