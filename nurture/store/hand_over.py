"""The last word before the final dots: many mails `handed` and those before them `sent`, in one statement.

Between a claim and its dot a mail waits for the rest of its set, so the ledger is asked once more, in the very
statement that writes `handed`: is the lease in time, does nothing hold the lead's address back, and has nothing been
heard of the lead since the claim: no booking, no reply, no visit moved or cancelled. What has committed when that
statement begins wins; what commits later is too late, because the dot may have left. A mail that may no longer go is
free again at once, and is decided anew.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection

from nurture.domain.consent import HOLDS
from nurture.domain.delivery_state import DeliveryState
from nurture.store.deliveries import Delivery
from nurture.store.row_sets import RowSet, SetStatement

# RFC 5321 4.5.3.2.6: ten minutes for the reply to the final dot, and some for writing it down.
LEASE = timedelta(minutes=12)


class Ready(Protocol):
    """A claimed delivery up to its dot: the instant in its Date header, and how much its claim knew of the lead."""

    @property
    def delivery(self) -> Delivery:
        """As it was claimed."""

    @property
    def dated(self) -> datetime:
        """What its Date header says."""

    @property
    def events_seen(self) -> int:
        """How many events the ledger had of the lead."""


_ANSWERED = RowSet("answered", (("id", "bigint"), ("fence", "integer")))
_READY = RowSet("ready", (("id", "bigint"), ("fence", "integer"), ("dated", "timestamptz"), ("events_seen", "bigint")))
_HELD_BACK = ", ".join(f"('{reason}', '{kind}')" for reason, kinds in HOLDS.items() for kind in sorted(kinds))
# Said so that no index of leases is read for it: that holds each lease of the last minutes, and these rows are known.
_IN_TIME = "coalesce(leased_until, {now}) > {now}"
# Named, because each is a promise that a proof breaks.
_NOTHING_HEARD = "ready.events_seen = (SELECT count(*) FROM events WHERE events.lead_id = deliveries.lead_id)"
_NOT_HELD_BACK = f"""NOT EXISTS (
          SELECT 1 FROM leads LEFT JOIN suppressions ON suppressions.email_hash = leads.email_hash
          WHERE leads.id = deliveries.lead_id
            AND (CASE WHEN leads.email IS NULL THEN 'no_address' ELSE suppressions.reason END, deliveries.kind)
                IN (VALUES {_HELD_BACK})
      )"""  # noqa: S608
_SEND = """
    UPDATE deliveries SET state = 'sent', settled_at = :now, reason = NULL, leased_until = NULL
    FROM {answered}
    WHERE deliveries.id = answered.id AND deliveries.fence = answered.fence AND state = 'handed'
"""
_HAND = f"""
    UPDATE deliveries SET state = 'handed', handed_at = ready.dated, leased_until = {{later}}
    FROM {{ready}}
    WHERE deliveries.id = ready.id AND deliveries.fence = ready.fence AND state = 'claimed' AND {_IN_TIME}
      AND {_NOTHING_HEARD}
      AND {_NOT_HELD_BACK}
    RETURNING deliveries.id
"""  # noqa: S608
_FREE = f"""
    UPDATE deliveries SET state = 'queued', attempts = attempts - 1, leased_until = NULL, dispatched_at = NULL
    FROM {{ready}}
    WHERE deliveries.id = ready.id AND deliveries.fence = ready.fence AND state = 'claimed' AND {_IN_TIME}
"""  # noqa: S608
_sent = SetStatement(_SEND, _ANSWERED)
_handed = SetStatement(_HAND, _READY, lease=LEASE)
_both = SetStatement(f"WITH done AS ({_SEND}) {_HAND}", _ANSWERED, _READY, lease=LEASE)
_freed = SetStatement(_FREE, _READY)


def hand_over(connection: Connection, answered: Iterable[Delivery], ready: Iterable[Ready], now: datetime) -> set[int]:
    """What the relay took is `sent`; the ids of those of `ready` that are `handed`: they may go, and no others.

    What may not go is queued again, to be decided anew, unless its lease was lost: then it is somebody else's.
    """
    done = [(each.id, each.fence) for each in answered]
    wanted = [(each.delivery.id, each.delivery.fence, each.dated, each.events_seen) for each in ready]
    gone = _written(connection, done, wanted, now)
    if len(gone) < len(wanted):
        _freed.execute(connection, wanted)
    return gone


def handed(delivery: Delivery, dated: datetime) -> Delivery:
    """The delivery as the ledger has it once it is among the ids that may go."""
    return replace(delivery, state=DeliveryState.HANDED, handed_at=dated)


def _written(
    connection: Connection, done: Sequence[tuple[int, int]], wanted: Sequence[tuple[object, ...]], now: datetime
) -> set[int]:
    """One statement where the database knows how to change one table for two reasons in one."""
    if done and wanted and connection.dialect.name == "postgresql":
        return set(_both.execute(connection, done, wanted, now=now).scalars())
    if done:
        _sent.execute(connection, done, now=now)
    return set(_handed.execute(connection, wanted).scalars()) if wanted else set()
