"""One look at who may be due, by one process at a time. Run twice, late, or at once by a mishap, it changes nothing.

A tick that finds another sweep at work leaves everything to it: a hundred leads after the other are decided and workers
told of them, and two sweeps would only wait for one another's leads. The lease stands in the ledger and is renewed with
each hundred, so a sweep that was killed keeps the next from beginning for seconds.
"""

from contextlib import suppress
from dataclasses import dataclass

from nurture.domain.errors import StoreError
from nurture.runtime import Runtime
from nurture.service import restore_guard
from nurture.service.advance import advance_or_retry_later
from nurture.service.delivery.build import try_mended
from nurture.service.delivery.recover import recover
from nurture.service.dispatch import dispatch_new, dispatch_ready
from nurture.service.signup_limits import forget_old_signups
from nurture.store import enrolments
from nurture.store.system_state import end_sweep, go_on_sweeping

# One transaction's worth: short enough that on SQLite a signup never waits long for its turn.
BATCH = 100


@dataclass(frozen=True, slots=True)
class Sweep:
    """What one sweep did: enrolments decided, deliveries recovered from lost workers, deliveries dispatched."""

    decided: int = 0
    recovered: int = 0
    dispatched: int = 0

    @property
    def is_news(self) -> bool:
        """Tell whether there was anything to do."""
        return any((self.decided, self.recovered, self.dispatched))


def sweep(runtime: Runtime) -> Sweep:
    """Everything due is decided and written down, what lost workers held is free again, and workers know.

    A ledger that was restored from an older copy holds what was due in between, and sends none of it. Nothing happens
    while another sweep is at work.
    """
    number = restore_guard.begin_sweep(runtime)
    if number is None:
        return Sweep()
    try:
        return _sweep(runtime, number)
    finally:
        # Where the ledger is away, the lease lapses.
        with suppress(StoreError), runtime.database.begin() as connection:
            end_sweep(connection, number)


def _sweep(runtime: Runtime, number: int) -> Sweep:
    forget_old_signups(runtime)
    recovered = recover(runtime)
    try_mended(runtime)
    decided, dispatched = 0, dispatch_ready(runtime)
    while batch := _decide_batch(runtime, number):
        due, queued = batch
        decided += due
        # Dispatched at once: with ten thousand due, the first mail need not wait for the last decision.
        dispatched += dispatch_new(runtime, queued)
    return Sweep(decided, recovered, dispatched)


def _decide_batch(runtime: Runtime, number: int) -> tuple[int, list[int]] | None:
    """How many were decided, and the ids queued; None when none was due, or another sweep took this one for dead."""
    with runtime.database.begin() as connection:
        now = runtime.clock()
        due = enrolments.lock_due(connection, now, BATCH)
        if not due or not go_on_sweeping(connection, number, now):
            return None
        return len(due), advance_or_retry_later(connection, runtime, due, now)
