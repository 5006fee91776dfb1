"""Keeps a ledger that was restored from an older copy from mailing anybody a second time.

What the copy has forgotten was sent, or was not: the ledger cannot tell, and no mail may go twice. So whatever may
have been sent since the copy was made is held as `uncertain`, by name, and staff decide. Two things make that possible.
Every sweep is counted in the ledger, and beside it, in a file of this machine (service/high_water_mark), stands the
highest count ever mark: a ledger whose count is lower was restored. And decisions are a pure function of the ledger, so
the time that it forgot, the gap, can be played again (`replay_gap`): what `decide` would have sent is what may be gone.

An example: the copy is of Monday 10:00, and on Wednesday 15:00 it is put back. The first sweep finds 5,000 sweeps on
file and 2,000 in the ledger. An article that was due on Tuesday is `uncertain`; the one due on Thursday goes on
Thursday; who signs up meanwhile is new, and gets the report once the rest is held. Afterwards the count leaps ahead of
every machine's memory, so that the guard does not begin again.

Leads are held a few at a time, so that nobody who signs up meanwhile waits. Until all are, the ledger is still behind
the mark and nothing is sent: a sweep that is killed goes on where it stopped. Queues nothing.

Rejected: to ask the relay (most keep no memory); to send and trust Message-ID (readers' programs show both); to hold
everybody (a clinic would answer for hundreds of mails that were never due); one transaction for all (25 seconds for 600
leads, in which every signup waited).
"""

import logging
import time
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import zip_longest

from sqlalchemy import Connection

from nurture.domain.campaign import Campaign, Step
from nurture.domain.delivery_state import DeliveryState
from nurture.domain.enrolment import Enrolment, Settled
from nurture.domain.interpreter import run
from nurture.domain.message import MailKind
from nurture.runtime import Runtime
from nurture.service.advance import RETRY_LATER, new_delivery
from nurture.service.high_water_mark import HighWaterMark, is_behind, load, save
from nurture.store import deliveries, enrolments
from nurture.store.enrolment_snapshot import load_enrolments
from nurture.store.in_doubt import hold_unsettled, lock_forgotten, record_lost
from nurture.store.outage import TROUBLE
from nurture.store.system_state import (
    LEAP,
    count_sweep,
    go_on_sweeping,
    is_being_swept,
    lock_system_state,
    read_system_state,
)

# One transaction's worth of leads, and the seconds between two: whoever waits for SQLite looks ten times a second
# whether it is free.
BATCH, BREATH = 25, 0.12

log = logging.getLogger("nurture.restore_guard")


@dataclass(frozen=True, slots=True)
class _Gap:
    """The time that the ledger has forgotten: from its last sweep to when that was noticed. Nothing was sent since."""

    begins_at: datetime
    ends_at: datetime


def begin_sweep(runtime: Runtime) -> int | None:
    """One more sweep is on record, and its number; before it, what a restored ledger may have forgotten is held.

    None, and nothing has changed, while another sweep is at work.
    """
    is_held = False
    while isinstance(begun := _begin_unless_behind(runtime, is_held=is_held), HighWaterMark):
        _hold(runtime, _gap_of(runtime, begun))
        is_held = True
    return begun


def _begin_unless_behind(runtime: Runtime, *, is_held: bool) -> HighWaterMark | int | None:
    """One more sweep is on record, and its number; or the mark that the ledger is behind, while nothing is held."""
    with runtime.database.begin() as connection:
        system, mark = lock_system_state(connection), load(runtime)
        if is_being_swept(connection):
            return None
        is_restored = mark is not None and mark.is_ahead_of(system)
        if is_restored and not is_held:
            return mark
        sweeps = mark.sweeps + LEAP if mark is not None and is_restored else system.sweeps + 1
        count_sweep(connection, sweeps, runtime.clock())
        go_on_sweeping(connection, sweeps, runtime.clock())
    save(runtime, HighWaterMark(system.name, sweeps))
    return sweeps


def _gap_of(runtime: Runtime, mark: HighWaterMark) -> _Gap:
    """The gap, whose end is on file from now on: a later start holds the same, and nobody who asked meanwhile."""
    with runtime.database.read() as connection:
        swept_at = read_system_state(connection).swept_at
    ends_at = mark.noticed_at or runtime.clock()
    save(runtime, replace(mark, noticed_at=ends_at))
    log.error("the ledger was restored from a copy of %s; what was due until %s is held for staff", swept_at, ends_at)
    return _Gap(swept_at or ends_at, ends_at)


def _hold(runtime: Runtime, gap: _Gap) -> None:
    last = 0
    while True:
        with runtime.database.begin() as connection:
            leads = lock_forgotten(connection, gap.ends_at, after=last, limit=BATCH)
            # Whoever else is at it may have come to the end, and what is queued since is new.
            if not leads or not is_behind(runtime, read_system_state(connection)):
                return
            _hold_mail_of(connection, runtime, leads, gap)
        last = leads[-1]
        time.sleep(BREATH)


def _hold_mail_of(connection: Connection, runtime: Runtime, leads: list[int], gap: _Gap) -> None:
    """Call with the leads locked, which comes before anything else that is theirs."""
    under_way = hold_unsettled(connection, leads, (gap.begins_at, gap.ends_at))
    by_lead: dict[int, list[int]] = defaultdict(list)
    for enrolment_id, lead_id in sorted({*under_way, *enrolments.due_of(connection, leads, gap.ends_at)}):
        by_lead[lead_id].append(enrolment_id)
    # One of each lead's at a time: the article that one enrolment sends is the lead's only one that day.
    for turn in zip_longest(*by_lead.values()):
        replay_gap(connection, runtime, [each for each in turn if each is not None], gap)


def replay_gap(connection: Connection, runtime: Runtime, ids: list[int], gap: _Gap) -> None:
    """The gap is decided again for these enrolments, as it was then; one that cannot be decided harms no other."""
    try:
        with connection.begin_nested():
            for enrolment in load_enrolments(connection, ids):
                _replay(connection, runtime, enrolment, gap)
    except TROUBLE:
        raise
    except Exception:
        if len(ids) == 1:
            log.exception("enrolment %d cannot be decided; it is looked at again in %s", ids[0], RETRY_LATER)
            enrolments.set_due(connection, ids[0], gap.ends_at + RETRY_LATER)
        else:
            for each in ids:
                replay_gap(connection, runtime, [each], gap)


def _replay(connection: Connection, runtime: Runtime, enrolment: Enrolment, gap: _Gap) -> None:
    """Each mail that was due in the gap is in doubt, each skip a skip, and the enrolment is due again after it."""
    campaign = runtime.catalogue.campaigns.get(enrolment.campaign)
    if campaign is None:
        enrolments.set_due(connection, enrolment.id, gap.ends_at + RETRY_LATER)
        return
    port = _ReplayPort(connection, runtime, campaign, enrolment, gap)
    again = port.wait(max(gap.begins_at, enrolment.enrolled_at))
    if again is not None:
        run(port, again)


@dataclass(slots=True)
class _ReplayPort:
    """The Port of an enrolment whose last hours the ledger has forgotten: time runs on to the end of the gap.

    What was due in it may have been sent by the processes of that time, so it is a mail in doubt and not a delivery.
    """

    connection: Connection
    runtime: Runtime
    campaign: Campaign
    enrolment: Enrolment
    gap: _Gap

    def send(self, step: Step, at: datetime) -> datetime:
        record_lost(self.connection, new_delivery(self.runtime, self.enrolment, step), at)
        self._settle(step, DeliveryState.UNCERTAIN, at)
        return at

    def skip(self, step: Step, reason: str, at: datetime) -> None:
        deliveries.record_skip(self.connection, new_delivery(self.runtime, self.enrolment, step), reason, at)
        self._settle(step, DeliveryState.SKIPPED, at)

    def wait(self, until: datetime) -> datetime | None:
        if until <= self.gap.ends_at:
            return until
        enrolments.set_due(self.connection, self.enrolment.id, until)
        return None

    def end(self, reason: str, at: datetime) -> None:
        if self.enrolment.end_reason is None:
            enrolments.end_enrolment(self.connection, self.enrolment.id, reason, at)

    def resume(self, reason: str, at: datetime) -> None:
        resumed = enrolments.resume_ended(self.connection, self.enrolment.lead_id, reason, at)
        replay_gap(self.connection, self.runtime, resumed, _Gap(at, self.gap.ends_at))

    def _settle(self, step: Step, state: DeliveryState, at: datetime) -> None:
        is_mailed = state is DeliveryState.UNCERTAIN and step.kind is MailKind.NURTURE
        self.enrolment = self.enrolment.after(Settled(step.name, state, at), nurtured=is_mailed)
