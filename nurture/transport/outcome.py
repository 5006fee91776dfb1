"""What handing a mail over can come to, for every transport."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

from nurture.domain.masking import Reader, masked
from nurture.domain.retry import Failure


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One mail for one recipient: explicit envelope addresses and the bytes with CRLF line ends."""

    sender: str
    recipient: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Accepted:
    """The relay took the mail; it is the relay's to deliver."""

    # Kept nowhere and shown nowhere: it may name the reader.
    reply: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Captured:
    """The mail was kept on this machine: a rehearsal (NURTURE_ONLY_TO) does not name its reader."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The mail was not taken, for certain. `address_is_dead` tells that the address does not exist."""

    failure: Failure
    reply: str
    address_is_dead: bool = False


@dataclass(frozen=True, slots=True)
class InDoubt:
    """The whole mail may have left and no answer came: the relay may have it or not."""

    reason: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The mail was not handed over, because at the last moment it was no longer ours to send."""


Outcome = Accepted | Captured | Failed | InDoubt | Withdrawn
# Enough to tell why.
LONGEST_WORDS = 200


def discreet(outcome: Outcome, reader: Reader) -> Outcome:
    """The same outcome, fit for a log and for a reason that outlives the lead: its words do not tell who it was."""
    match outcome:
        case Failed(reply=reply):
            return replace(outcome, reply=masked(reply, reader)[:LONGEST_WORDS])
        case InDoubt(reason):
            return InDoubt(masked(reason, reader)[:LONGEST_WORDS])
        case _:
            return outcome


class Journal(Protocol):
    """Where it is written down, before a dot, that a mail can no longer be called back."""

    def commit(self, answered: list[int], ready: list[int]) -> set[int]:
        """The relay took the answered; those of `ready` that are returned may go, and no others."""


class MailPool(Protocol):
    """Mails go in by ticket, and each comes out once, with what came of it. `turn` is called by one thread alone."""

    @property
    def in_hand(self) -> int:
        """How many mails were offered and have not come out."""

    @property
    def waiting(self) -> int:
        """How many of them have not begun."""

    def offer(self, ticket: int, mail: Outgoing) -> None:
        """The mail goes as soon as it can; raises ValueError when its addresses cannot be said."""

    def take_back(self) -> list[int]:
        """The tickets of the mails that have not begun; they will not go."""

    def turn(self, seconds: float) -> list[tuple[int, Outcome]]:
        """What has come of mails, waited for no longer than that; what was accepted is written down already."""

    def close(self) -> None:
        """Every connection is let go as it stands; call it last."""


class Transport(Protocol):
    """A way to hand mail over."""

    def hand_over(self, mail: Outgoing, before_dot: Callable[[], bool]) -> Outcome:
        """What came of it. `before_dot` is asked right before the mail can no longer be called back."""

    def pool(self, connections: int, journal: Journal) -> MailPool:
        """A way to hand over many mails at once, by no more connections than that."""

    def close(self) -> None:
        """Every connection is let go."""
