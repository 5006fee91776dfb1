"""One look at who may be due. May run twice, late, or on two machines at once, and changes nothing by it."""

from dataclasses import dataclass

from nurture.runtime import Runtime
from nurture.service import restore_guard
from nurture.service.advance import advance_or_retry_later
from nurture.service.delivery.build import try_mended
from nurture.service.delivery.recover import recover
from nurture.service.dispatch import dispatch_ready
from nurture.service.signup_limits import forget_old_signups
from nurture.store import enrolments

# One transaction's worth: short enough that on SQLite a signup never waits long for its turn.
BATCH = 100


@dataclass(frozen=True, slots=True)
class Sweep:
    """What one sweep did: enrolments decided, deliveries recovered from lost workers, deliveries dispatched."""

    decided: int
    recovered: int
    dispatched: int

    @property
    def is_news(self) -> bool:
        """Tell whether there was anything to do."""
        return any((self.decided, self.recovered, self.dispatched))


def sweep(runtime: Runtime) -> Sweep:
    """Everything due is decided and written down, what lost workers held is free again, and workers know.

    A ledger that was restored from an older copy holds what was due in between, and sends none of it.
    """
    restore_guard.begin_sweep(runtime)
    forget_old_signups(runtime)
    recovered = recover(runtime)
    try_mended(runtime)
    decided, dispatched = 0, dispatch_ready(runtime)
    while batch := _decide_batch(runtime):
        decided += batch
        # Dispatched at once: with ten thousand due, the first mail need not wait for the last decision.
        dispatched += dispatch_ready(runtime)
    return Sweep(decided, recovered, dispatched)


def _decide_batch(runtime: Runtime) -> int:
    with runtime.database.begin() as connection:
        now = runtime.clock()
        due = enrolments.lock_due(connection, now, BATCH)
        advance_or_retry_later(connection, runtime, due, now)
        return len(due)
