"""Tells workers which deliveries of the outbox may go. A hint only: what is lost, a later sweep dispatches again."""

from collections import defaultdict
from collections.abc import Iterable

from nurture.domain.message import MailKind
from nurture.runtime import Runtime
from nurture.store import deliveries, outbox
from nurture.store.system_state import read_system_state

# Small enough that one worker process is never busy with a single hint for long.
BATCH = 20


def dispatch_ready(runtime: Runtime, limit: int = 10_000) -> int:
    """Every delivery that may go now has a hint on its way; returns how many those are."""
    with runtime.database.read() as connection:
        now = runtime.clock()
        ready = [] if read_system_state(connection).is_stopped(now) else outbox.undispatched(connection, now, limit)
    if not ready:
        return 0
    with runtime.database.begin() as connection:
        outbox.mark_dispatched(connection, [delivery_id for delivery_id, _ in ready])
    return _dispatch(runtime, ready)


def dispatch_queued(runtime: Runtime, ids: list[int]) -> None:
    """The deliveries have a hint on its way. Call after the commit that queued them and marked them as dispatched."""
    if not ids:
        return
    with runtime.database.read() as connection:
        found = [deliveries.delivery_by_id(connection, each) for each in ids]
    _dispatch(runtime, [(delivery.id, delivery.kind) for delivery in found if delivery is not None])


def _dispatch(runtime: Runtime, ready: Iterable[tuple[int, MailKind]]) -> int:
    """Hints go out in batches; returns for how many. What no broker takes is the next sweep's again."""
    by_kind: dict[MailKind, list[int]] = defaultdict(list)
    for delivery_id, kind in ready:
        by_kind[kind].append(delivery_id)
    batches = [
        (kind, ids[start : start + BATCH]) for kind, ids in by_kind.items() for start in range(0, len(ids), BATCH)
    ]
    dispatched = 0
    while batches and runtime.publish(batches[0][0], tuple(batches[0][1])):
        dispatched += len(batches.pop(0)[1])
    if batches:
        with runtime.database.begin() as connection:
            outbox.mark_undispatched(connection, [each for _, ids in batches for each in ids])
    return dispatched
