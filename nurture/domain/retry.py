"""What a failed attempt means for the delivery. Jitter is passed in, so the answer is a pure value."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from nurture.domain.delivery_state import DeliveryState
from nurture.domain.message import MailKind

# RFC 5321 4.5.4.1 asks for at least 30 minutes between later tries and more patience than that at first is no help.
BACKOFF = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=2),
)
MOST_ATTEMPTS = 40
# A mail that a person waits for goes again when in doubt, once, under the same Message-ID.
MOST_RESENDS = 1
# A relay that knows the mail by its idempotency key takes it once, however often it comes. Five tries, none later
# than this after the first; nurture.toml says for how long the relay must remember a key.
MOST_KEYED_RESENDS, KEY_MEMORY = 5, timedelta(hours=4)


class Failure(StrEnum):
    """How an attempt failed, before anything could have been delivered."""

    NO_RELAY = "no_relay"  #: the relay is not there, or cannot be reached as the settings ask
    UNREACHABLE = "unreachable"  #: the relay dropped the connection before the final dot
    DEFERRED = "deferred"  #: the relay said "later" (4yz)
    SENDER_REFUSED = "sender_refused"  #: the relay refuses us, not the lead
    POLICY_REFUSED = "policy_refused"  #: the relay refuses the recipient for who sends, not for the address
    RECIPIENT_REFUSED = "recipient_refused"  #: the relay refuses this address for good
    MESSAGE_REFUSED = "message_refused"  #: the relay refuses this message for good


@dataclass(frozen=True, slots=True)
class RetryAt:
    """Try again at this instant (UTC)."""

    at: datetime


@dataclass(frozen=True, slots=True)
class StopAll:
    """The relay is away or refuses us, whoever the mail is for: nothing goes before this instant (UTC)."""

    until: datetime


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Never try again, for this reason."""

    reason: str


# What would fail for every lead alike: all mail waits so long, and one mail tries again then. So no mail's own attempts
# are used up, and nobody waits for hours after the relay is back.
STOPS = {Failure.SENDER_REFUSED: timedelta(minutes=5), Failure.NO_RELAY: timedelta(minutes=1)}
_REPEATED = frozenset({MailKind.REQUESTED, MailKind.VISIT, MailKind.STAFF})
_FOR_GOOD = frozenset({Failure.RECIPIENT_REFUSED, Failure.MESSAGE_REFUSED})


def after_failure(
    failure: Failure, kind: MailKind, attempts: int, now: datetime, *, jitter: float
) -> RetryAt | StopAll | GiveUp:
    """What follows the failed attempt number `attempts` (from 1); `jitter` in [0, 1) spreads the retries.

    The desk's address is the clinic's own to mend: mail to it waits for that, where a lead's would be given up.
    """
    is_ours_to_mend = kind is MailKind.STAFF and failure is Failure.RECIPIENT_REFUSED
    if failure in _FOR_GOOD and not is_ours_to_mend:
        return GiveUp(failure.value)
    if failure in STOPS:
        return StopAll(now + STOPS[failure])
    if attempts >= MOST_ATTEMPTS:
        return GiveUp(f"{failure.value} {attempts} times")
    return RetryAt(now + _wait(attempts) * (1 + jitter / 4))


def resend_at(kind: MailKind, times_in_doubt: int, now: datetime, *, keyed: bool) -> datetime | None:
    """When a mail that the relay may already have goes again, or None: then staff decide.

    A missed article costs less than a doubled one; a missed report or reminder costs more. `keyed` tells that
    the relay is given an idempotency key, and so cannot deliver the same mail twice.
    """
    if keyed:
        return now + _wait(times_in_doubt) if times_in_doubt < MOST_KEYED_RESENDS else None
    return now if kind in _REPEATED and times_in_doubt < MOST_RESENDS else None


def may_repeat(kind: MailKind, since: datetime, now: datetime, *, keyed: bool) -> bool:
    """Tell whether a mail in doubt since that instant may go again at `now`, and not only when that was decided.

    The window may have closed in between, the worker been away for days, or the relay lost its key.
    """
    return kind in _REPEATED or (keyed and now - since < KEY_MEMORY)


def ending(state: DeliveryState, reason: str | None, times_in_doubt: int) -> tuple[DeliveryState, str | None]:
    """The state and reason in which a delivery ends: one that a relay may have is sent, or stays in doubt by name."""
    if times_in_doubt == 0 or state in {DeliveryState.SENT, DeliveryState.UNCERTAIN}:
        return state, reason
    return DeliveryState.UNCERTAIN, f"in doubt, and not again: {reason}"[:200]


def _wait(attempts: int) -> timedelta:
    return BACKOFF[max(0, min(attempts, len(BACKOFF)) - 1)]
