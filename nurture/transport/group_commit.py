"""One commit for as many dots as are ready, and for the answers since the commit before. Knows tickets alone."""

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from nurture.domain.errors import StoreError
from nurture.transport.outcome import Accepted, Journal, Outcome, Withdrawn

# Seconds that whoever is ready waits for the others, and that an answer waits for dots that it can share a commit with.
READY_SECONDS, ANSWER_SECONDS = 0.001, 0.02
# Seconds until a ledger that did not take it is told again what was answered, and how often: as long as a lease lasts.
PAUSE_SECONDS, MOST_TRIES = 2.0, 300

log = logging.getLogger("nurture.transport")


@dataclass(slots=True)
class GroupCommit:
    """What was answered and is not written down yet."""

    journal: Journal
    _answered: dict[int, Accepted] = field(default_factory=dict)
    _ready_since: float | None = None
    _answered_since: float | None = None
    _not_before: float = 0.0
    _tries: int = 0

    def answered(self, ticket: int, outcome: Accepted) -> None:
        """The relay took the mail."""
        self._answered[ticket] = outcome
        self._answered_since = self._answered_since or time.monotonic()

    def ripe_in(self, ready: int, busy: int) -> float | None:
        """The seconds until a commit is worth while: 0 when it is, None when there is nothing to commit.

        `ready` mails are up to their dots, `busy` ones on their way there.
        """
        now = time.monotonic()
        self._ready_since = (self._ready_since or now) if ready else None
        if not ready and not self._answered:
            return None
        if not busy:
            return max(0.0, self._not_before - now)
        waits = [self._ready_since + READY_SECONDS] if self._ready_since else []
        waits += [self._answered_since + ANSWER_SECONDS] if self._answered_since else []
        return max(0.0, min(waits) - now, self._not_before - now)

    def commit(self, ready: list[int]) -> tuple[set[int], list[tuple[int, Outcome]]]:
        """Those of `ready` whose dots may go, and what has ended by it: accepted and written down, or withdrawn."""
        answered = list(self._answered)
        self._ready_since = None
        lost: set[int] = set()
        try:
            may_go = self.journal.commit(answered, ready)
        except StoreError:
            return set(), [*self._told_later(), *_withdrawn(ready)]
        except Exception:
            log.exception("a group of %d mails cannot be written down as one", len(answered) + len(ready))
            lost = {ticket for ticket in answered if self._tried([ticket], []) is None}
            may_go = {ticket for ticket in ready if self._tried([], [ticket])}
        outcomes, self._answered = self._answered, {}
        self._answered_since, self._tries = None, 0
        ended = [(ticket, Withdrawn() if ticket in lost else outcomes[ticket]) for ticket in answered]
        return may_go, [*ended, *_withdrawn(each for each in ready if each not in may_go)]

    def _tried(self, answered: list[int], ready: list[int]) -> set[int] | None:
        """What breaks a group is one row's fault, which is written down by nobody and takes nobody along."""
        try:
            return self.journal.commit(answered, ready)
        except Exception:
            log.exception("delivery %d cannot be written down; its lease will tell", *answered, *ready)
            return None

    def _told_later(self) -> Iterable[tuple[int, Outcome]]:
        """What was answered is kept for a ledger that is away; in the end its lease lapses, and it is in doubt."""
        self._tries += 1
        self._not_before = time.monotonic() + PAUSE_SECONDS
        if self._tries <= MOST_TRIES:
            return []
        given_up, self._answered = list(self._answered), {}
        self._answered_since, self._tries = None, 0
        return _withdrawn(given_up)


def _withdrawn(tickets: Iterable[int]) -> list[tuple[int, Outcome]]:
    return [(ticket, Withdrawn()) for ticket in tickets]
