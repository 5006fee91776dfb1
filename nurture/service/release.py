"""Staff let go what a limit had kept back."""

from nurture.domain.limits import DAY
from nurture.runtime import Runtime
from nurture.service.advance import advance_all
from nurture.service.dispatch import dispatch_queued
from nurture.store import enrolments
from nurture.store.leads import lock_lead
from nurture.store.outbox import mark_dispatched


def limited_leads(runtime: Runtime) -> list[int]:
    """The ids of the leads for whom a limit keeps a report back, the one that waits longest first."""
    with runtime.database.read() as connection:
        return list(dict.fromkeys(each.lead_id for each in enrolments.limited_enrolments(connection)))


def count_limited(runtime: Runtime) -> tuple[int, int]:
    """How many reports a limit keeps back, and how many of them were asked for within a day."""
    with runtime.database.read() as connection:
        limited = enrolments.limited_enrolments(connection)
    return len(limited), sum(each.enrolled_at > runtime.clock() - DAY for each in limited)


def release(runtime: Runtime, lead_id: int) -> int:
    """What a limit kept back for the lead begins now, its report first; returns how many campaigns that is."""
    with runtime.database.begin() as connection:
        lock_lead(connection, lead_id)
        now = runtime.clock()
        limited = enrolments.limited_enrolments(connection, lead_id)
        queued = list[int]()
        for each in limited:
            enrolments.begin_limited(connection, each.id, now)
            queued += advance_all(connection, runtime, [each.id], now)
        mark_dispatched(connection, queued)
    dispatch_queued(runtime, queued)
    return len(limited)
