"""How long the ledger may be waited for. Values alone."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LedgerTimeouts:
    """Seconds, each longer than the one before: whoever gives up last is whoever cannot say why.

    `first_word` is for a new connection, and for the sign of life that a kept one gives before it is used. `lock` and
    `statement` are the server's to keep; a mail's longest statement takes milliseconds. `silence` is ours, for a server
    that keeps nothing because it stands still. `idle` ends the transaction of a process that stands still itself and
    holds a lead's lock: none is open while a relay is waited for.
    """

    first_word: float = 5
    lock: float = 10
    statement: float = 15
    silence: float = 20
    idle: float = 60


#: For a question that somebody asks every few seconds.
HASTY = LedgerTimeouts(first_word=2, lock=1, statement=2, silence=2)
