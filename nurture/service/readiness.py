"""Whether this installation can take what people ask of it now, within seconds and without a single address."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from nurture.domain.errors import StoreError
from nurture.service.broker_probe import broker_trouble
from nurture.store.database import Database
from nurture.store.system_state import last_sent_at, read_system_state

# Sweeps come every few seconds, and what is queued is taken at once: after this, somebody is missing.
PATIENCE = timedelta(minutes=5)
_BROKER_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Readiness:
    """What answers, and when the ledger was last swept and a mail last sent; unknown while the database is away."""

    database: bool
    broker: bool | None
    last_sweep: datetime | None = None
    last_send: datetime | None = None

    def status(self, now: datetime) -> str:
        """`unavailable` when nobody can be served, `degraded` when what is asked for is kept and comes later."""
        if not self.database:
            return "unavailable"
        is_swept = self.last_sweep is not None and abs(now - self.last_sweep) <= PATIENCE
        return "ok" if is_swept and self.broker is not False else "degraded"


def readiness(hasty: Database, broker: str) -> Readiness:
    """How things stand; `hasty` is a way to the ledger that gives up early, `broker` its address if there is one."""
    answers = broker_trouble(broker, _BROKER_SECONDS) is None if broker else None
    try:
        with hasty.read() as connection:
            system = read_system_state(connection)
            sent_at = last_sent_at(connection)
            return Readiness(database=True, broker=answers, last_sweep=system.swept_at, last_send=sent_at)
    except StoreError:
        return Readiness(database=False, broker=answers)
    finally:
        # Anybody may ask, and nobody's question should hold a connection until the next.
        hasty.close()
