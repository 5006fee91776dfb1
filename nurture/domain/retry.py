"""What a failed attempt means for the delivery. Jitter is passed in, so the answer is a pure value."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from nurture.domain.message import Kind

# RFC 5321 4.5.4.1 asks for at least 30 minutes between later tries and more patience than that at first is no help.
BACKOFF = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=2),
)
MOST_ATTEMPTS = 40
# A mail that a person waits for goes again after a doubt, once, under the same Message-ID.
MOST_RESENDS = 1


class Failure(StrEnum):
    """How an attempt failed, before anything could have been delivered."""

    UNREACHABLE = "unreachable"  #: no connection, or it broke before the final dot
    DEFERRED = "deferred"  #: the relay said "later" (4yz)
    SENDER_REFUSED = "sender_refused"  #: the relay refuses us, not the lead
    RECIPIENT_REFUSED = "recipient_refused"  #: the relay refuses this address for good
    MESSAGE_REFUSED = "message_refused"  #: the relay refuses this message for good
    UNRENDERABLE = "unrenderable"  #: the mail cannot be made


@dataclass(frozen=True, slots=True)
class RetryAt:
    """Try again at this instant (UTC)."""

    at: datetime


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Never try again, for this reason."""

    reason: str


_FOR_GOOD = frozenset({Failure.RECIPIENT_REFUSED, Failure.MESSAGE_REFUSED, Failure.UNRENDERABLE})


def after_failure(failure: Failure, attempts: int, now: datetime, *, jitter: float) -> RetryAt | GiveUp:
    """What follows the failed attempt number `attempts` (from 1); `jitter` in [0, 1) spreads the retries."""
    if failure in _FOR_GOOD:
        return GiveUp(failure.value)
    if attempts >= MOST_ATTEMPTS:
        return GiveUp(f"{failure.value} {attempts} times")
    wait = BACKOFF[min(attempts, len(BACKOFF)) - 1]
    return RetryAt(now + wait * (1 + jitter / 4))


def may_resend(kind: Kind, doubts: int) -> bool:
    """Tell whether a mail that the relay may already have goes once more.

    A missed article costs less than a doubled one; a missed report or reminder costs more.
    """
    return kind in {Kind.REQUESTED, Kind.VISIT} and doubts < MOST_RESENDS
