"""Reads enrolments with all that `decide` may know of them, in a handful of statements for any number of them."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, func, select

from nurture.domain.enrolment import SETTLED, DeliveryState, Enrolment, Settled, visit_facts
from nurture.domain.event import EventKind
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
    visits: dict[int, list[Visit]] = defaultdict(list)
    for visit in visits_of_leads(connection, lead_ids):
        visits[visit.lead_id].append(visit)
    mail = _by_lead(connection.execute(select(deliveries).where(deliveries.c.lead_id.in_(lead_ids))).all())
    facts = facts_of_leads(connection, lead_ids)
    first = _first_enrolments(connection, lead_ids)
    again = {row.id for row in found.values() if first.get((row.lead_id, row.campaign), row.id) < row.id}
    return [
        _enrolment(row, visits[row.lead_id], mail[row.lead_id], facts[row.lead_id] | _repeated(row.id in again))
        for row in (found[each] for each in wanted if each in found)
    ]


def load_enrolment(connection: Connection, enrolment_id: int) -> Enrolment:
    """The enrolment with this id."""
    return load_enrolments(connection, [enrolment_id])[0]


def _enrolment(row: Row[tuple[object, ...]], visits: list[Visit], mail: _Rows, lead_facts: frozenset[str]) -> Enrolment:
    visit = next((each for each in visits if each.id == row.visit_id), None)
    others = tuple(each for each in visits if each.id != row.visit_id)
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
        facts=lead_facts | visit_facts(visit, row.visit_sequence or 0, others),
        visit=visit,
        resumed_at=row.resumed_at,
        nurtured_at=_nurtured_at(row.id, mail),
        end_reason=row.end_reason,
    )


def _nurtured_at(enrolment_id: int, mail: _Rows) -> datetime | None:
    """When a nurture mail last went, or is about to go, to this lead from anywhere but the step in hand.

    One that cannot be made is not about to go, and asks again before it does.
    """
    instants = [
        each.settled_at or each.queued_at
        for each in mail
        if each.kind == MailKind.NURTURE
        and each.state not in {DeliveryState.SKIPPED, DeliveryState.FAILED}
        and (each.state != DeliveryState.QUEUED or each.unmade_with is None)
        and (each.state in SETTLED or each.enrolment_id != enrolment_id)
    ]
    return max(instants, default=None)


def facts_of_leads(connection: Connection, lead_ids: set[int]) -> dict[int, frozenset[str]]:
    """What is known of each of these leads in every campaign alike: why mail is held back, and that they wrote."""
    held = suppressions_of_leads(connection, lead_ids)
    replied = select(events.c.lead_id).where(events.c.lead_id.in_(lead_ids), events.c.kind == EventKind.REPLIED)
    wrote = set(connection.execute(replied).scalars())
    return {
        lead_id: held.get(lead_id, frozenset()) | ({"replied"} if lead_id in wrote else frozenset())
        for lead_id in lead_ids
    }


def _first_enrolments(connection: Connection, lead_ids: set[int]) -> dict[tuple[int, str], int]:
    """The first enrolment of each lead in each campaign that no visit started."""
    statement = select(enrolments.c.lead_id, enrolments.c.campaign, func.min(enrolments.c.id))
    chosen = statement.where(enrolments.c.lead_id.in_(lead_ids), enrolments.c.visit_id.is_(None))
    rows = connection.execute(chosen.group_by(enrolments.c.lead_id, enrolments.c.campaign))
    return {(lead_id, campaign): first for lead_id, campaign, first in rows}


def _repeated(holds: bool) -> frozenset[str]:  # noqa: FBT001 - a fact is a yes or a no
    return frozenset({"repeated"} if holds else ())


def _by_lead(rows: Iterable[Row[tuple[object, ...]]]) -> dict[int, _Rows]:
    grouped: dict[int, _Rows] = defaultdict(list)
    for row in rows:
        grouped[row.lead_id].append(row)
    return grouped
