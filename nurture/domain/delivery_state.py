"""Where the one delivery of a step stands, and every change it may go through. Decides nothing."""

from enum import StrEnum


class DeliveryState(StrEnum):
    """Where one (enrolment, step) stands in the ledger."""

    QUEUED = "queued"  #: decided and written down; nobody is working on it
    CLAIMED = "claimed"  #: one worker has it, under a lease
    HANDED = "handed"  #: the last byte may have left for the relay; no answer is recorded yet
    SENT = "sent"  #: the relay took it
    SKIPPED = "skipped"  #: decided against, with the reason
    FAILED = "failed"  #: refused for good
    UNCERTAIN = "uncertain"  #: handed over, and the answer never came; or sent in a time the ledger lost


#: Every change that a delivery may go through; the store refuses any other.
TRANSITIONS: dict[DeliveryState, frozenset[DeliveryState]] = {
    DeliveryState.QUEUED: frozenset(
        {DeliveryState.QUEUED, DeliveryState.CLAIMED, DeliveryState.SKIPPED, DeliveryState.UNCERTAIN}
    ),
    DeliveryState.CLAIMED: frozenset(
        {DeliveryState.QUEUED, DeliveryState.HANDED, DeliveryState.FAILED, DeliveryState.UNCERTAIN}
    ),
    DeliveryState.HANDED: frozenset(
        {DeliveryState.SENT, DeliveryState.QUEUED, DeliveryState.FAILED, DeliveryState.UNCERTAIN}
    ),
    DeliveryState.SENT: frozenset(),
    DeliveryState.SKIPPED: frozenset(),
    # What staff decide: a mail in doubt is settled one way or the other, and a failure may be tried once more.
    DeliveryState.FAILED: frozenset({DeliveryState.QUEUED}),
    DeliveryState.UNCERTAIN: frozenset({DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.QUEUED}),
}
SETTLED = frozenset({DeliveryState.SENT, DeliveryState.SKIPPED, DeliveryState.FAILED, DeliveryState.UNCERTAIN})
