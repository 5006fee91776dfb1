"""Tells workers which deliveries may go. A hint only: whatever is lost here, the next sweep sends again."""

from collections import defaultdict

from nurture.domain.message import Kind
from nurture.service.runtime import Runtime
from nurture.store import deliveries

# Small enough that one worker process is never busy with a single hint for long.
BATCH = 20


def publish_ready(runtime: Runtime, limit: int = 10_000) -> int:
    """Every delivery that may go now has a hint on its way; returns how many were told of."""
    with runtime.database.read() as connection:
        ready = deliveries.unpublished(connection, runtime.clock(), limit)
    by_kind: dict[Kind, list[int]] = defaultdict(list)
    for delivery_id, kind in ready:
        by_kind[kind].append(delivery_id)
    return sum(publish(runtime, kind, ids) for kind, ids in by_kind.items())


def publish(runtime: Runtime, kind: Kind, ids: list[int]) -> int:
    """Hints for these deliveries are on their way, as far as the broker can be reached; returns for how many."""
    told = 0
    for start in range(0, len(ids), BATCH):
        batch = tuple(ids[start : start + BATCH])
        # Noted first: a hint that is noted and lost goes again in a minute, one that is sent and not noted at once.
        if not runtime.publish(kind, batch):
            return told
        with runtime.database.begin() as connection:
            deliveries.mark_published(connection, batch)
        told += len(batch)
    return told


def publish_queued(runtime: Runtime, ids: list[int]) -> None:
    """The deliveries that a verb has just queued and committed are told of, each by its kind."""
    if not ids:
        return
    with runtime.database.read() as connection:
        found = [deliveries.delivery_by_id(connection, each) for each in ids]
    for delivery in found:
        if delivery is not None:
            publish(runtime, delivery.kind, [delivery.id])
