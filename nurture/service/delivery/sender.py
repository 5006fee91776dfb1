"""The one sender of a process: a thread that drives its connections to the relay, and outlives every task.

A task claims and builds a set of mails while the set before it is on its way: that takes a processor, this takes a
network, so each has a thread. The thread outlives the task for another reason. A relay may take ten minutes for one
dot, and a task that waited for it would hold up the next five hundred mails. So a task ends when all that is left of
its mails is waiting for an answer, and the answer finds the thread.

    task      claim 1-100, build, send    claim 101-200, build, send    settle 1-100   ...   ends
    thread    envelopes, bodies, commit, dots, answers, envelopes, ...                       a late answer: settle

What came of a mail is settled by the task while there is one, and else by the thread. A process that dies leaves
leases behind, as everywhere, and at most one mail in doubt a connection.

Rejected: one thread for both (ten connections stood idle while the next hundred were claimed, which halved the rate at
a relay 20 ms away); a thread a connection (ten commits for ten mails, where one will do); asyncio (every statement of
the store would have had to be written a second time).
"""

import logging
import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from nurture.mail.filled import Filler
from nurture.runtime import Runtime
from nurture.service.delivery.build import Built
from nurture.service.delivery.journal import Journal
from nurture.service.delivery.settle import settle
from nurture.service.ledger_news import told
from nurture.store.deliveries import Delivery
from nurture.transport.outcome import Outcome, Withdrawn

# Seconds: how long the thread waits for news before it looks whether it should end, and rests when it stumbled.
TURN_SECONDS, REST_SECONDS = 0.5, 1.0
# A retired sender still waits for every dot (RFC 5321 4.5.3.2.6); one whose process ends cannot.
LONGEST_DOT, LAST_SECONDS = 600.0, 15.0

Ended = tuple[Delivery, Outcome]

log = logging.getLogger("nurture.delivery")


class Sender:
    """Mails go in by `send`; what came of them comes out of `ended`."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        #: Writes mails out of what mails of their sort have in common; for one thread, and not the sender's own.
        self.write = Filler(runtime.mail_kit).write
        self._journal = Journal(runtime)
        self._pool = runtime.transport.pool(runtime.settings.worker.connections, self._journal)
        self._news = threading.Condition()
        self._ended: list[Ended] = []
        self._tasks, self._ends_at = 0, math.inf
        self._thread = threading.Thread(target=self._run, name="sender", daemon=True)
        self._thread.start()

    def send(self, built: list[Built]) -> None:
        """These mails leave as connections come free; one that cannot be said to a relay is left to its lease."""
        self._journal.take(built)
        for each in built:
            try:
                self._pool.offer(each.delivery.id, each.outgoing)
            except ValueError:
                log.exception("delivery %d cannot be said to a relay", each.delivery.id)
                self._journal.let_go(each.delivery.id, Withdrawn())

    @property
    def in_hand(self) -> int:
        """How many mails were sent and have not ended."""
        return self._pool.in_hand

    @property
    def waiting(self) -> int:
        """How many mails wait for a connection: nothing of them has left."""
        return self._pool.waiting

    @contextmanager
    def attended(self) -> Iterator[None]:
        """Here somebody settles what ends, so that the thread need not."""
        with self._news:
            self._tasks += 1
        try:
            yield
        finally:
            with self._news:
                self._tasks -= 1

    def ended(self, at_least: int, seconds: float) -> list[Ended]:
        """What has ended, once so many have or after so many seconds; each mail is returned once."""
        with self._news:
            self._news.wait_for(lambda: len(self._ended) >= at_least, seconds)
            ended, self._ended = self._ended, []
            return ended

    def take_back(self) -> list[Delivery]:
        """The mails of which nothing has left yet, claimed as they are: none of them will leave."""
        return [self._journal.let_go(ticket, Withdrawn())[0] for ticket in self._pool.take_back()]

    def retire(self, seconds: float) -> None:
        """What is under way has so long to end, and is settled; then every connection is let go. Waits for nothing."""
        self._ends_at = time.monotonic() + seconds

    def close(self, seconds: float) -> None:
        """As `retire`, and it has come about."""
        self.retire(seconds)
        self._thread.join(seconds + TURN_SECONDS)

    def _run(self) -> None:
        while self._ends_at == math.inf or (self.in_hand and time.monotonic() < self._ends_at):
            try:
                self._turn()
            except Exception:
                log.exception("the sender stumbled, and goes on")
                time.sleep(REST_SECONDS)
        self._pool.close()

    def _turn(self) -> None:
        ended = [self._journal.let_go(*each) for each in self._pool.turn(TURN_SECONDS)]
        with self._news:
            self._ended += ended
            self._news.notify_all()
            if self._tasks:
                return
        left = self.ended(0, 0)
        if left:
            with told(self.runtime.database):
                settle(self.runtime, left)


class CurrentSender:
    """The sender of a process that lives for years: opened by the first bulk, and anew with every new runtime."""

    def __init__(self, runtime: Callable[[], Runtime]) -> None:
        self._runtime = runtime
        self._sender: Sender | None = None

    def __call__(self) -> Sender:
        """The sender for the runtime as it is."""
        runtime = self._runtime()
        if self._sender is None or self._sender.runtime is not runtime:
            if self._sender is not None:
                self._sender.retire(LONGEST_DOT)
            self._sender = Sender(runtime)
        return self._sender

    def close(self) -> None:
        """The process may end; what a relay has not answered within seconds is told by its lease."""
        if self._sender is not None:
            self._sender.close(LAST_SECONDS)
