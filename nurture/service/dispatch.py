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


# Prompt mail goes one at a time, so that several processes share what comes at once; bulk goes in sets.
_PROMPT = _Share((MailKind.REQUESTED, MailKind.VISIT, MailKind.STAFF), 5)
_BULK = _Share((MailKind.NURTURE,), 500)


def dispatch_ready(runtime: Runtime, limit: int = 10_000) -> int:
    """Deliveries that may go now have a hint on its way, as long as not too many wait; returns how many those are."""
    return sum(_dispatch_share(runtime, share, limit) for share in (_PROMPT, _BULK))


def dispatch_queued(runtime: Runtime, ids: list[int]) -> None:
    """The deliveries have a hint on its way. Call after the commit that queued them and marked them as dispatched."""
    if not ids:
        return
    with runtime.database.read() as connection:
        kinds = outbox.kinds_of(connection, ids)
    for share in (_PROMPT, _BULK):
        _dispatch(runtime, share, [each for each in ids if kinds.get(each) in share.kinds])


def _dispatch_share(runtime: Runtime, share: _Share, limit: int) -> int:
    waiting = runtime.waiting(share.kinds[0])
    if waiting is None or waiting >= MOST_WAITING:
        return 0
    room = min(limit, (MOST_WAITING - waiting) * share.batch)
    with runtime.database.read() as connection:
        now = runtime.clock()
        if read_system_state(connection).is_stopped(now):
            return 0
        # What was dispatched long ago may still wait behind other hints; where none wait, its own is lost.
        ready = outbox.undispatched(connection, now, room, share.kinds, or_lost=waiting == 0)
    if ready:
        with runtime.database.begin() as connection:
            outbox.mark_dispatched(connection, ready)
    return _dispatch(runtime, share, ready)


def _dispatch(runtime: Runtime, share: _Share, ids: list[int]) -> int:
    """Hints go out in batches; returns for how many. What no broker takes is the next sweep's again."""
    left = ids
    while left and runtime.publish(share.kinds[0], tuple(left[: share.batch])):
        left = left[share.batch :]
    if left:
        with runtime.database.begin() as connection:
            outbox.mark_undispatched(connection, left)
    return len(ids) - len(left)
