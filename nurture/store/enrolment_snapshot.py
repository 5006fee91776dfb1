"""Reads enrolments with all that `decide` may know of them, in a handful of statements for any number of them.

Of a lead's mail no more is read than is asked for: what of the enrolment itself is settled, and the one instant at
which any campaign last mailed. Both are looked up in an index, so a lead of ten years is decided as fast as a new one.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Row, ScalarSelect, and_, case, exists, func, or_, select

from nurture.domain.delivery_state import DeliveryState
from nurture.domain.enrolment import Enrolment, Settled
from nurture.domain.event import EventKind
from nurture.domain.facts import TELLING, LeadHistory, facts_of
from nurture.domain.message import MailKind
from nurture.domain.visit import Visit
from nurture.store.among import among
from nurture.store.schema import deliveries, enrolments, events, leads
from nurture.store.suppressions import suppressions_of_leads
from nurture.store.visits import visits_of_leads

# What a lead has, or may have.
_MAILED = (DeliveryState.SENT, DeliveryState.UNCERTAIN)
_EARLIER = enrolments.alias("earlier")
# Of most leads nothing is known but their mail.
_NOTHING = LeadHistory()


def load_enrolments(connection: Connection, ids: Iterable[int]) -> list[Enrolment]:
    """The enrolments with these ids, in that order, as of this transaction."""
    wanted = list(ids)
    found = {row.id: row for row in connection.execute(_ENROLMENTS, {"ids": wanted}).all()}
    settled = _settled_of(connection, wanted)
    history = histories_of_leads(connection, {row.lead_id for row in found.values()})
    return [
        _enrolment(row, history[row.lead_id], settled[row.id])
        for row in (found[each] for each in wanted if each in found)
    ]


def load_enrolment(connection: Connection, enrolment_id: int) -> Enrolment:
    """The enrolment with this id."""
    return load_enrolments(connection, [enrolment_id])[0]


def _enrolment(row: Row[tuple[object, ...]], lead: LeadHistory, settled: Collection[Settled]) -> Enrolment:
    return Enrolment(
        id=row.id,
        lead_id=row.lead_id,
        campaign=row.campaign,
        zone=ZoneInfo(row.zone),
        enrolled_at=row.enrolled_at,
        settled=tuple(settled),
        facts=facts_of(lead, row.visit_id, row.visit_sequence or 0, is_repeated=row.is_repeated),
        visit=next((each for each in lead.visits if each.id == row.visit_id), None),
        resumed_at=row.resumed_at,
        nurtured_at=_later(row.last_mailed, row.last_queued),
        end_reason=row.end_reason,
        public_id=row.public_id,
        visit_sequence=row.visit_sequence or 0,
    )


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((each for each in (one, other) if each is not None), default=None)


def _settled_of(connection: Connection, ids: Collection[int]) -> dict[int, list[Settled]]:
    """The steps of each enrolment that are over, in the order in which they were written down."""
    found: dict[int, list[Settled]] = defaultdict(list)
    for enrolment_id, step, state, settled_at in connection.execute(_SETTLED, {"ids": ids}).all():
        found[enrolment_id].append(Settled(step, DeliveryState(state), settled_at))
    return found


def _last_mailed() -> ScalarSelect[datetime]:
    """When a nurture mail last went to the lead, from any enrolment."""
    went = and_(deliveries.c.settled_at.is_not(None), or_(*(deliveries.c.state == each for each in _MAILED)))
    newest = select(deliveries.c.settled_at).where(_is_nurture_of_lead(), went)
    return newest.order_by(deliveries.c.settled_at.desc()).limit(1).correlate(enrolments).scalar_subquery()


def _last_queued_elsewhere() -> ScalarSelect[datetime]:
    """When a nurture mail was queued, or claimed, that is about to go to the lead from elsewhere.

    One that cannot be made is not about to go, and asks again before it does. One in hand counts from its claim.
    """
    cannot_be_made = and_(deliveries.c.state == DeliveryState.QUEUED, deliveries.c.unmade_with.is_not(None))
    is_about_to_go = and_(deliveries.c.settled_at.is_(None), deliveries.c.enrolment_id != enrolments.c.id)
    is_queued = deliveries.c.state == DeliveryState.QUEUED
    since = case((is_queued, deliveries.c.queued_at), else_=deliveries.c.not_before)
    newest = select(func.max(since, type_=deliveries.c.queued_at.type))
    return newest.where(_is_nurture_of_lead(), is_about_to_go, ~cannot_be_made).correlate(enrolments).scalar_subquery()


def _is_nurture_of_lead() -> ColumnElement[bool]:
    return and_(deliveries.c.lead_id == enrolments.c.lead_id, deliveries.c.kind == MailKind.NURTURE)


def _is_repeated() -> ColumnElement[bool]:
    """Tell whether an earlier enrolment of the lead in the campaign was not for a visit."""
    return (
        exists()
        .where(
            _EARLIER.c.lead_id == enrolments.c.lead_id,
            _EARLIER.c.campaign == enrolments.c.campaign,
            _EARLIER.c.visit_id.is_(None),
            _EARLIER.c.id < enrolments.c.id,
        )
        .correlate(enrolments)
    )


def histories_of_leads(connection: Connection, lead_ids: set[int]) -> dict[int, LeadHistory]:
    """What is known of each of these leads in every campaign alike."""
    held = suppressions_of_leads(connection, lead_ids)
    visits: dict[int, list[Visit]] = defaultdict(list)
    for visit in visits_of_leads(connection, lead_ids):
        visits[visit.lead_id].append(visit)
    happened: dict[int, set[EventKind]] = defaultdict(set)
    for lead_id, kind in connection.execute(_TOLD, {"ids": lead_ids}).all():
        happened[lead_id].add(EventKind(kind))
    known = held.keys() | visits.keys() | happened.keys()
    return dict.fromkeys(lead_ids, _NOTHING) | {
        each: LeadHistory(held.get(each, frozenset()), frozenset(happened[each]), tuple(visits[each])) for each in known
    }


# Built once: to put a statement together takes Python longer than the database to answer it.
_ENROLMENTS = (
    select(
        enrolments,
        leads.c.zone,
        _last_mailed().label("last_mailed"),
        _last_queued_elsewhere().label("last_queued"),
        _is_repeated().label("is_repeated"),
    )
    .join(leads, leads.c.id == enrolments.c.lead_id)
    .where(among(enrolments.c.id))
)
_SETTLED = (
    select(deliveries.c.enrolment_id, deliveries.c.step, deliveries.c.state, deliveries.c.settled_at)
    .where(among(deliveries.c.enrolment_id), deliveries.c.settled_at.is_not(None))
    .order_by(deliveries.c.id)
)
_TOLD = select(events.c.lead_id, events.c.kind).where(
    among(events.c.lead_id), or_(*(events.c.kind == each for each in sorted(TELLING)))
)
