"""What a pool is where there are no connections to fill: each mail handed over by a transport's own, waiting way."""

import threading
from collections import deque

from nurture.transport.outcome import Accepted, Journal, Outcome, Outgoing, Transport


class OneByOne:
    """Takes and gives back mails as `Pool` does, one at a time."""

    def __init__(self, transport: Transport, journal: Journal) -> None:
        self._transport, self._journal = transport, journal
        self._mails: deque[tuple[int, Outgoing]] = deque()
        self._news = threading.Condition()
        self._is_busy = False

    @property
    def in_hand(self) -> int:
        """How many mails were offered and have not come out."""
        return len(self._mails) + self._is_busy

    @property
    def waiting(self) -> int:
        """How many of them have not begun."""
        return len(self._mails)

    def offer(self, ticket: int, mail: Outgoing) -> None:
        """The mail goes when those before it have gone."""
        with self._news:
            self._mails.append((ticket, mail))
            self._news.notify()

    def take_back(self) -> list[int]:
        """The tickets of the mails that have not begun; they will not go."""
        with self._news:
            tickets = [ticket for ticket, _ in self._mails]
            self._mails.clear()
        return tickets

    def turn(self, seconds: float) -> list[tuple[int, Outcome]]:
        """What came of the next mail, once there is one or after so long; what was accepted is written down already."""
        with self._news:
            if not self._news.wait_for(lambda: self._mails, seconds):
                return []
            ticket, mail = self._mails.popleft()
            self._is_busy = True
        try:
            outcome = self._transport.hand_over(mail, lambda: ticket in self._journal.commit([], [ticket]))
            if isinstance(outcome, Accepted):
                self._journal.commit([ticket], [])
            return [(ticket, outcome)]
        finally:
            self._is_busy = False

    def close(self) -> None:
        """Nothing is held that would have to be let go."""
