"""Many connections to one relay, driven by one loop, with one commit for as many dots as are ready at once.

Before each final dot the ledger must say that the mail can no longer be called back. One commit a mail is what that
costs when mails go one by one: a disk waits for each. Here every connection is filled up to its dot, and one commit
lets all of them go, and writes down what was answered since the one before:

    line 1    envelope, body |            | . envelope   250, body |            | .
    line 2    envelope, body |  commit 1  | . envelope   250, body |  commit 2  | .
    line 3        envelope, body          | . envelope   250, body |            | .
                              1 and 2 go                            3 goes, and 1 and 2 are sent

So what is in doubt when a process dies is at most a mail a connection, as it would be with a process for each. Who is
ready waits a moment for who is nearly so, and no longer: at a relay far away ten connections are hardly ever ready
together. A dot that waits ten minutes for its answer keeps its line and nobody else; the mail that was to follow it
goes by another.

Made for one thread that calls `turn`; `offer` and `take_back` may come from others. Knows tickets and bytes, and never
what they stand for.

Rejected: a thread a connection (the commits cannot be shared without a meeting point, which is this loop); a commit
after the dot (a mail whose worker dies would go twice); waiting for all connections (the slowest would set the pace).
"""

import selectors
import socket
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

from nurture.transport.conversation import Conversation, Timeouts
from nurture.transport.group_commit import GroupCommit
from nurture.transport.line import IDLE_SECONDS, MAILS_PER_LINE, Line
from nurture.transport.openings import Openings
from nurture.transport.outcome import Accepted, Journal, Outcome, Outgoing
from nurture.transport.refusals import away
from nurture.transport.slot import Result
from nurture.transport.transaction import transaction
from nurture.transport.waiting import Waiting

# Seconds after which the mail behind an unanswered dot takes another line.
BEHIND_SECONDS = 0.5

Ended = list[tuple[int, Outcome]]


class Pool:
    """Mails are offered by ticket, and each comes out of `turn` once, with what came of it."""

    def __init__(
        self, connect: Callable[[], Conversation], connections: int, journal: Journal, timeouts: Timeouts | None = None
    ) -> None:
        self._most, self._timeouts = connections, timeouts or Timeouts()
        self._group, self._openings = GroupCommit(journal), Openings(connect, self._ring)
        self._waiting = Waiting()
        self._tried_again: set[int] = set()
        # Behind a dot that takes its time a mail would only be taken back, and cost the connection each time.
        self._is_slow = False
        self._lines: set[Line] = set()
        self._selector = selectors.DefaultSelector()
        self._bell, self._rope = socket.socketpair()
        for each in (self._bell, self._rope):
            each.setblocking(False)  # noqa: FBT003 - the socket's own word
        self._selector.register(self._bell, selectors.EVENT_READ)

    @property
    def in_hand(self) -> int:
        """How many mails were offered and have not come out."""
        return self._waiting.in_hand

    @property
    def waiting(self) -> int:
        """How many of them have not begun."""
        return len(self._waiting)

    def offer(self, ticket: int, mail: Outgoing) -> None:
        """The mail goes by the next line that is free; raises ValueError when its addresses cannot be said."""
        self._waiting.offer(transaction(ticket, mail))
        self._ring()

    def take_back(self) -> list[int]:
        """The tickets of the mails that have not begun; they will not go."""
        tickets = self._waiting.emptied()
        self._waiting.forget(tickets)
        return tickets

    def close(self) -> None:
        """Every connection is let go as it stands; call it last."""
        self._openings.close()
        for line in list(self._lines):
            self._drop(line)
        self._selector.close()
        self._bell.close()
        self._rope.close()

    def turn(self, seconds: float) -> Ended:
        """What has come of mails, waited for no longer than that; what was accepted is written down already."""
        ended = self._welcome()
        self._fill()
        for key, events in self._selector.select(self._patience(seconds, is_news=bool(ended))):
            ended += self._serve(key.data, events) if key.data else self._heed_bell()
        ended += self._look_at_clocks()
        ended += self._commit_when_ripe()
        tickets = [ticket for ticket, _ in ended]
        self._waiting.forget(tickets)
        self._tried_again.difference_update(tickets)
        return ended

    def _ring(self) -> None:
        # It may be rung already, or the pool closed.
        with suppress(OSError):
            self._rope.send(b".")

    def _heed_bell(self) -> Ended:
        self._bell.recv(4096)
        return []

    def _welcome(self) -> Ended:
        """Lines that were opened are among the others; without any, what waits has nowhere to go, and says why."""
        ended: Ended = []
        for opened in self._openings.take():
            if isinstance(opened, Conversation):
                line = Line(opened, self._timeouts)
                self._lines.add(line)
                self._selector.register(line.socket, selectors.EVENT_READ, line)
            elif not self._lines:
                outcome = away(opened)
                ended += [(ticket, outcome) for ticket in self._waiting.emptied()]
        missing = min(self._most - len(self._lines), len(self._waiting)) - self._openings.under_way
        self._openings.open(max(0, missing))
        return ended

    def _fill(self) -> None:
        """Every line that is free has a mail, while there are mails."""
        for line in [each for each in self._lines if each.slot.is_idle]:
            mail = self._waiting.next()
            if mail is None:
                return
            line.begin(mail)
            self._write(line)

    def _patience(self, seconds: float, *, is_news: bool) -> float:
        """How long the sockets may be waited for before something else is to be done."""
        if is_news:
            return 0.0
        now = time.monotonic()
        waits = [seconds, *(line.deadline - now for line in self._lines)]
        waits += [line.dotted_at + BEHIND_SECONDS - now for line in self._lines if line.has_one_behind]
        ripe_in = self._group.ripe_in(len(self._ready()), self._busy())
        return max(0.0, min(waits if ripe_in is None else [*waits, ripe_in]))

    def _ready(self) -> list[Line]:
        return [line for line in self._lines if line.is_up_to_its_dot]

    def _busy(self) -> int:
        """How many lines are on their way to a dot: those whose relay is slow to answer one are not."""
        return sum(line.is_on_its_way for line in self._lines)

    def _serve(self, line: Line, events: int) -> Ended:
        results: list[Result] = []
        dotted = line.slot.dotted
        try:
            if events & selectors.EVENT_READ:
                results += line.read()
            line.write()
        except OSError as error:
            return self._lost(line, error, results)
        if dotted is not line.slot.dotted:
            self._is_slow = line.used_at > line.dotted_at + BEHIND_SECONDS / 2
        ended = self._told(results)
        if line.slot.is_closing:
            return ended + self._lost(line, OSError("the relay ends the connection"), [])
        if line.slot.is_idle and line.mails >= MAILS_PER_LINE:
            self._drop(line)
        else:
            self._watch(line)
        return ended

    def _write(self, line: Line) -> None:
        """What fails here is noticed by the next look at the socket."""
        with suppress(OSError):
            line.write()
        self._watch(line)

    def _watch(self, line: Line) -> None:
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if line.slot.unwritten else 0)
        if self._selector.get_key(line.socket).events != events:
            self._selector.modify(line.socket, events, line)

    def _told(self, results: Iterable[Result]) -> Ended:
        """What has ended. What was accepted has not, before it is written down."""
        ended: Ended = []
        for mail, outcome in results:
            if isinstance(outcome, Accepted):
                self._group.answered(mail.ticket, outcome)
            else:
                ended.append((mail.ticket, outcome))
        return ended

    def _lost(self, line: Line, error: OSError, results: list[Result]) -> Ended:
        """The line is gone. A mail of which the relay had heard no more than its envelope goes by another."""
        mail = line.slot.mail
        was_dead = line.mails > 1 and not line.slot.has_heard and not line.has_one_behind
        if mail is not None and (line.has_one_behind or (was_dead and mail.ticket not in self._tried_again)):
            # Behind a dot it is the dot's mail that lost the line.
            self._tried_again.update({mail.ticket} if was_dead else ())
            line.slot.mail = None
            self._waiting.put_first(mail)
        self._drop(line)
        return self._told([*results, *line.lost(error)])

    def _drop(self, line: Line) -> None:
        self._lines.discard(line)
        self._selector.unregister(line.socket)
        line.close(politely=line.slot.is_idle)

    def _look_at_clocks(self) -> Ended:
        """Who takes too long is hung up on, who is idle for long is let go, and nobody waits behind a slow dot."""
        ended, now = list[tuple[int, Outcome]](), time.monotonic()
        for line in list(self._lines):
            if line.has_one_behind and now > line.dotted_at + BEHIND_SECONDS:
                behind = line.slot.take_back()
                if behind is not None:
                    self._is_slow = True
                    self._waiting.put_first(behind)
            if now > line.deadline:
                ended += self._lost(line, TimeoutError("the relay is too slow"), [])
            elif line.slot.is_idle and now > line.used_at + IDLE_SECONDS:
                self._drop(line)
        return ended

    def _commit_when_ripe(self) -> Ended:
        ready = {line.slot.mail.ticket: line for line in self._ready() if line.slot.mail is not None}
        ripe_in = self._group.ripe_in(len(ready), self._busy())
        if ripe_in is None or ripe_in > 0:
            return []
        may_go, ended = self._group.commit(list(ready))
        for ticket, line in ready.items():
            if ticket in may_go:
                takes_more = line.slot.pipelines and line.mails < MAILS_PER_LINE and not self._is_slow
                line.dot(self._waiting.next() if takes_more else None)
                self._write(line)
            else:
                line.slot.mail = None
                self._drop(line)
        return ended
