"""A ledger restored from an older copy: whatever may have been sent since the copy was made is held for staff.

Queues nothing. What was done in the time between is lost to the ledger, and only people can tell.
"""

import logging
from datetime import datetime
from typing import assert_never

from sqlalchemy import Connection

from nurture.catalogue import Catalogue
from nurture.domain.engine import End, Send, Skip, Wait, decide
from nurture.domain.feedback import BOOKED, resumes
from nurture.service.advance import PAUSE
from nurture.service.runtime import Runtime
from nurture.service.witness import Seen, is_behind, last_seen, note
from nurture.store import deliveries, enrolments
from nurture.store.deliveries import NewDelivery
from nurture.store.doubts import hold_unsettled, record_lost
from nurture.store.leads import lock_lead
from nurture.store.outage import TROUBLE
from nurture.store.passage import load_enrolment
from nurture.store.standing import LEAP, Standing, count_sweep, lock_standing

log = logging.getLogger("nurture.restored")


def count(runtime: Runtime) -> None:
    """One more sweep is on record; before it, what a restored ledger may have forgotten is held."""
    with runtime.database.begin() as connection:
        standing, now = lock_standing(connection), runtime.clock()
        sweeps = standing.sweeps + 1
        seen = last_seen(runtime)
        if seen is not None and is_behind(runtime, standing):
            _hold(connection, runtime.catalogue, standing, now)
            sweeps = seen.sweeps + LEAP
        count_sweep(connection, sweeps, now)
    note(runtime, Seen(standing.name, sweeps))


def _hold(connection: Connection, catalogue: Catalogue, standing: Standing, now: datetime) -> None:
    copied_at = standing.swept_at or now
    log.error("the ledger was restored from a copy of %s; what was due since is held for staff", copied_at)
    under_way = hold_unsettled(connection, copied_at)
    for enrolment_id in sorted({*under_way, *enrolments.due_ids(connection, now)}):
        try:
            with connection.begin_nested():
                _relive(connection, catalogue, enrolment_id, (copied_at, now))
        except TROUBLE:
            raise
        except Exception:
            log.exception("enrolment %d cannot be decided; it is looked at again in %s", enrolment_id, PAUSE)
            enrolments.set_due(connection, enrolment_id, now + PAUSE)


def _relive(connection: Connection, catalogue: Catalogue, enrolment_id: int, gap: tuple[datetime, datetime]) -> None:
    """What the enrolment went through in the gap is in the ledger again, each mail as a doubt."""
    enrolment = load_enrolment(connection, enrolment_id)
    lock_lead(connection, enrolment.lead_id)
    at, until_at = max(gap[0], enrolment.enrolled_at), gap[1]
    campaign = catalogue.campaigns.get(enrolment.campaign)
    while campaign is not None:
        if deliveries.in_flight(connection, enrolment_id):
            # Somebody's own doing since the copy was put back: it is new, and not ours to hold.
            enrolments.set_due(connection, enrolment_id, None)
            return
        enrolment = load_enrolment(connection, enrolment_id)
        decision = decide(campaign, enrolment, at)
        match decision:
            case Wait(until) if until > until_at:
                enrolments.set_due(connection, enrolment_id, until)
                return
            case Wait(until):
                at = until
            case Send(step):
                record_lost(connection, NewDelivery(enrolment_id, enrolment.lead_id, step.name, step.kind), at)
            case Skip(step, reason):
                new = NewDelivery(enrolment_id, enrolment.lead_id, step.name, step.kind)
                deliveries.record_skip(connection, new, reason, at)
            case End(reason):
                if enrolment.end_reason is None:
                    enrolments.end_enrolment(connection, enrolment_id, reason, at)
                back = resumes(campaign, enrolment.facts)
                for resumed in enrolments.resume_ended(connection, enrolment.lead_id, BOOKED, at) if back else ():
                    _relive(connection, catalogue, resumed, (at, until_at))
                return
            case _:
                assert_never(decision)
