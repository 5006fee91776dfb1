"""Tells workers which deliveries of the outbox may go. A hint only: what is lost, a later sweep dispatches again."""

from dataclasses import dataclass

from nurture.domain.message import MailKind
from nurture.runtime import Runtime
from nurture.store import outbox
from nurture.store.system_state import read_system_state

# More than workers take between two sweeps. What is beyond stays in the outbox, and not in the broker's memory.
MOST_WAITING = 100


@dataclass(frozen=True, slots=True)
class _Share:
    """The kinds of mail whose hints wait in one queue, and how many deliveries a hint tells of."""

    kinds: tuple[MailKind, ...]
    batch: int

    def room(self, waiting: int) -> int:
        """How many deliveries more the broker may be told of while so many hints wait."""
        return (MOST_WAITING - waiting) * self.batch


# Prompt mail goes one at a time, so that several processes share what comes at once; bulk goes in sets.
_SHARES = _Share((MailKind.REQUESTED, MailKind.VISIT, MailKind.STAFF), 5), _Share((MailKind.NURTURE,), 500)


def dispatch_ready(runtime: Runtime, limit: int = 10_000) -> int:
    """Deliveries that may go now have a hint on its way, as long as not too many wait; returns how many those are."""
    dispatched = 0
    for share in _SHARES:
        waiting = _waiting(runtime, share)
        if waiting is not None:
            most = min(limit, share.room(waiting))
            with runtime.database.read() as connection:
                # An old hint may still wait behind others; where none waits, it is lost.
                ready = outbox.undispatched(connection, runtime.clock(), most, share.kinds, or_lost=waiting == 0)
            dispatched += _dispatch(runtime, share, ready)
    return dispatched


def dispatch_new(runtime: Runtime, ids: list[int]) -> int:
    """As `dispatch_ready` for deliveries queued a moment ago, which need not be looked for in a backlog."""
    dispatched = 0
    for share, of_share in _by_share(runtime, ids):
        waiting = _waiting(runtime, share)
        if waiting is not None:
            dispatched += _dispatch(runtime, share, of_share[: share.room(waiting)])
    return dispatched


def dispatch_queued(runtime: Runtime, ids: list[int]) -> None:
    """The deliveries have a hint on its way. Call after the commit that queued them and marked them as dispatched."""
    for share, of_share in _by_share(runtime, ids):
        _publish(runtime, share, of_share)


def _by_share(runtime: Runtime, ids: list[int]) -> list[tuple[_Share, list[int]]]:
    if not ids:
        return []
    with runtime.database.read() as connection:
        kinds = outbox.kinds_of(connection, ids)
    shares = ((share, [each for each in ids if kinds.get(each) in share.kinds]) for share in _SHARES)
    return [(share, of_share) for share, of_share in shares if of_share]


def _waiting(runtime: Runtime, share: _Share) -> int | None:
    """How many hints wait in the queue; None while no more may, because mail is stopped, the broker away or full."""
    with runtime.database.read() as connection:
        is_stopped = read_system_state(connection).is_stopped(runtime.clock())
    waiting = None if is_stopped else runtime.waiting(share.kinds[0])
    return waiting if waiting is not None and waiting < MOST_WAITING else None


def _dispatch(runtime: Runtime, share: _Share, ids: list[int]) -> int:
    if not ids:
        return 0
    with runtime.database.begin() as connection:
        outbox.mark_dispatched(connection, ids)
    return _publish(runtime, share, ids)


def _publish(runtime: Runtime, share: _Share, ids: list[int]) -> int:
    """Hints go out in batches; returns for how many. What no broker takes is the next sweep's again."""
    left = ids
    while left and runtime.publish(share.kinds[0], tuple(left[: share.batch])):
        left = left[share.batch :]
    if left:
        with runtime.database.begin() as connection:
            outbox.mark_undispatched(connection, left)
    return len(ids) - len(left)
