"""Reads enrolments with all that `decide` may know of them, in a handful of statements for any number of them."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, func, select

from nurture.domain.delivery_state import SETTLED, DeliveryState
from nurture.domain.enrolment import Enrolment, Settled
from nurture.domain.event import EventKind
from nurture.domain.facts import TELLING, LeadHistory, facts_of
from nurture.domain.message import MailKind
from nurture.domain.visit import Visit
from nurture.store.schema import deliveries, enrolments, events, leads
from nurture.store.suppressions import suppressions_of_leads
from nurture.store.visits import visits_of_leads

_Rows = list[Row[tuple[object, ...]]]


def load_enrolments(connection: Connection, ids: Iterable[int]) -> list[Enrolment]:
    """The enrolments with these ids, in that order, as of this transaction."""
    wanted = list(ids)
    statement = select(enrolments, leads.c.zone).join(leads, leads.c.id == enrolments.c.lead_id)
    found = {row.id: row for row in connection.execute(statement.where(enrolments.c.id.in_(wanted)))}
    lead_ids = {row.lead_id for row in found.values()}
    mail = _by_lead(connection.execute(select(deliveries).where(deliveries.c.lead_id.in_(lead_ids))).all())
    history = histories_of_leads(connection, lead_ids)
    first = _first_enrolments(connection, lead_ids)
    again = {row.id for row in found.values() if first.get((row.lead_id, row.campaign), row.id) < row.id}
    return [
        _enrolment(row, history[row.lead_id], mail[row.lead_id], is_repeated=row.id in again)
        for row in (found[each] for each in wanted if each in found)
    ]


def load_enrolment(connection: Connection, enrolment_id: int) -> Enrolment:
    """The enrolment with this id."""
    return load_enrolments(connection, [enrolment_id])[0]


def _enrolment(row: Row[tuple[object, ...]], lead: LeadHistory, mail: _Rows, *, is_repeated: bool) -> Enrolment:
    return Enrolment(
        id=row.id,
        lead_id=row.lead_id,
        campaign=row.campaign,
        zone=ZoneInfo(row.zone),
        enrolled_at=row.enrolled_at,
        settled=tuple(
            Settled(each.step, DeliveryState(each.state), each.settled_at)
            for each in sorted(mail, key=lambda each: each.id)
            if each.enrolment_id == row.id and each.state in SETTLED
        ),
        facts=facts_of(lead, row.visit_id, row.visit_sequence or 0, is_repeated=is_repeated),
        visit=next((each for each in lead.visits if each.id == row.visit_id), None),
        resumed_at=row.resumed_at,
        nurtured_at=_nurtured_at(row.id, mail),
        end_reason=row.end_reason,
        public_id=row.public_id,
        visit_sequence=row.visit_sequence or 0,
    )


def _nurtured_at(enrolment_id: int, mail: _Rows) -> datetime | None:
    """When a nurture mail last went, or is about to go, to this lead from anywhere but the step in hand.

    One that cannot be made is not about to go, and asks again before it does. One in hand counts from its claim.
    """
    instants = [
        each.settled_at or (each.queued_at if each.state == DeliveryState.QUEUED else each.not_before)
        for each in mail
        if each.kind == MailKind.NURTURE
        and each.state not in {DeliveryState.SKIPPED, DeliveryState.FAILED}
        and (each.state != DeliveryState.QUEUED or each.unmade_with is None)
        and (each.state in SETTLED or each.enrolment_id != enrolment_id)
    ]
    return max(instants, default=None)


def histories_of_leads(connection: Connection, lead_ids: set[int]) -> dict[int, LeadHistory]:
    """What is known of each of these leads in every campaign alike."""
    held = suppressions_of_leads(connection, lead_ids)
    visits: dict[int, list[Visit]] = defaultdict(list)
    for visit in visits_of_leads(connection, lead_ids):
        visits[visit.lead_id].append(visit)
    happened: dict[int, set[EventKind]] = defaultdict(set)
    telling = select(events.c.lead_id, events.c.kind).where(events.c.lead_id.in_(lead_ids), events.c.kind.in_(TELLING))
    for lead_id, kind in connection.execute(telling):
        happened[lead_id].add(EventKind(kind))
    return {
        each: LeadHistory(held.get(each, frozenset()), frozenset(happened[each]), tuple(visits[each]))
        for each in lead_ids
    }


def _first_enrolments(connection: Connection, lead_ids: set[int]) -> dict[tuple[int, str], int]:
    """The first enrolment of each lead in each campaign that no visit started."""
    statement = select(enrolments.c.lead_id, enrolments.c.campaign, func.min(enrolments.c.id))
    chosen = statement.where(enrolments.c.lead_id.in_(lead_ids), enrolments.c.visit_id.is_(None))
    rows = connection.execute(chosen.group_by(enrolments.c.lead_id, enrolments.c.campaign))
    return {(lead_id, campaign): first for lead_id, campaign, first in rows}


def _by_lead(rows: Iterable[Row[tuple[object, ...]]]) -> dict[int, _Rows]:
    grouped: dict[int, _Rows] = defaultdict(list)
    for row in rows:
        grouped[row.lead_id].append(row)
    return grouped
