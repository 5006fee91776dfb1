"""Leads. The lead's row is the lock for everything that concerns one person."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, Select, func, select
from sqlalchemy.exc import IntegrityError

from nurture.contact.phone import Phone
from nurture.domain.lead import Lead
from nurture.domain.segment import Segment
from nurture.domain.sought import Known
from nurture.store.among import among
from nurture.store.schema import deliveries, leads
from nurture.store.upsert import insert_or_nothing

_OF_DELIVERIES = select(deliveries.c.lead_id).where(among(deliveries.c.id))
_LOCKED = select(leads).where(leads.c.id.in_(_OF_DELIVERIES)).order_by(leads.c.id).with_for_update()
# Of a statement whose rows are too many to hold at once: so many of them come at a time.
IN_PARTS = {"yield_per": 1000}


@dataclass(frozen=True, slots=True)
class NewLead:
    """A lead as it is first written down; `email_hash` is keyed, so that suppressions can find it. Both may be empty.

    `notes` is what staff should know of what was given; the lead's row does not hold them.
    """

    email: str
    email_hash: str
    name: str
    phone: Phone
    zone: ZoneInfo
    topics: frozenset[str]
    source: str
    notes: tuple[str, ...] = ()


def new_public_id() -> str:
    """Twenty characters that nobody can guess, for use in links."""
    return secrets.token_urlsafe(15)


def add_lead(connection: Connection, new: NewLead, now: datetime) -> tuple[Lead, bool]:
    """The lead of that address, locked, and whether it is new; an existing one keeps what it has.

    Without an address it always is new.
    """
    values = {
        "public_id": new_public_id(),
        "email": new.email or None,
        "email_hash": new.email_hash or None,
        "name": new.name,
        "phone": new.phone.typed,
        "phone_e164": new.phone.e164,
        "zone": new.zone.key,
        "topics": sorted(new.topics),
        "source": new.source,
        "created_at": now,
    }
    lead_id = insert_or_nothing(connection, leads, values)
    meant = leads.c.email == new.email if lead_id is None else leads.c.id == lead_id
    row = connection.execute(select(leads).where(meant).with_for_update()).one_or_none()
    if row is None:
        # Staff gave the lead that was in the way another address this very moment.
        return add_lead(connection, new, now)
    return _lead(row), lead_id is not None


def save_lead(connection: Connection, lead: Lead, email_hash: str) -> bool:
    """The lead's row says what `lead` says; False, and nothing is changed, when another lead has that address."""
    values = {
        "email": lead.email or None,
        "email_hash": email_hash if lead.email else None,
        "name": lead.name,
        "phone": lead.phone,
        "phone_e164": lead.phone_e164,
        "zone": lead.zone.key,
        "topics": sorted(lead.topics),
        "source": lead.source,
    }
    try:
        with connection.begin_nested():
            connection.execute(leads.update().where(leads.c.id == lead.id).values(values))
    except IntegrityError:
        return False
    return True


def lock_lead(connection: Connection, lead_id: int) -> None:
    """No other transaction changes anything about this lead until this one ends."""
    connection.execute(select(leads.c.id).where(leads.c.id == lead_id).with_for_update())


def lock_leads_of(connection: Connection, delivery_ids: Collection[int]) -> dict[int, Lead]:
    """The leads of these deliveries, by id; no other transaction changes anything about them until this one ends.

    They are locked in the order of their ids, so that two who lock many never wait for one another.
    """
    return {row.id: _lead(row) for row in connection.execute(_LOCKED, {"ids": delivery_ids}).all()}


def lock_leads(connection: Connection, ids: Collection[int]) -> None:
    """No other transaction changes anything about these leads until this one ends; locked in the order of their ids."""
    chosen = select(leads.c.id).where(leads.c.id.in_(ids)).order_by(leads.c.id)
    connection.execute(chosen.with_for_update()).all()


def ids_in(connection: Connection, segment: Segment) -> list[int]:
    """The ids of the leads who belong to the segment, those known longest first."""
    columns = select(leads.c.id, leads.c.topics, leads.c.source).order_by(leads.c.id)
    rows = connection.execute(columns, execution_options=IN_PARTS)
    return [lead_id for lead_id, topics, source in rows if segment.includes(topics, source)]


def lead_by_id(connection: Connection, lead_id: int) -> Lead | None:
    """The lead with that id."""
    return _one(connection, select(leads).where(leads.c.id == lead_id))


def leads_by_id(connection: Connection, ids: set[int]) -> dict[int, Lead]:
    """The leads with these ids, by id."""
    return {row.id: _lead(row) for row in connection.execute(select(leads).where(leads.c.id.in_(ids)))}


def lead_by_email(connection: Connection, email: str) -> Lead | None:
    """The lead with that address, in the form `parse_address` gives it."""
    return _one(connection, select(leads).where(leads.c.email == email))


def lead_by_public_id(connection: Connection, public_id: str) -> Lead | None:
    """The lead that a link names."""
    return _one(connection, select(leads).where(leads.c.public_id == public_id))


def leads_by_phone(connection: Connection, e164: str) -> list[Lead]:
    """The leads with that phone, the newest first."""
    rows = connection.execute(select(leads).where(leads.c.phone_e164 == e164).order_by(leads.c.id.desc()))
    return [_lead(row) for row in rows]


def known_leads(connection: Connection) -> list[Known]:
    """What each lead can be found by: far less than to read each of them whole."""
    columns = (leads.c.id, func.coalesce(leads.c.email, ""), leads.c.name, leads.c.phone, leads.c.phone_e164)
    return [Known(*row) for row in connection.execute(select(*columns))]


def all_leads(connection: Connection) -> list[Lead]:
    """Every lead, the newest first."""
    return [_lead(row) for row in connection.execute(select(leads).order_by(leads.c.id.desc()))]


def _one(connection: Connection, statement: Select[tuple[object, ...]]) -> Lead | None:
    row = connection.execute(statement).one_or_none()
    return _lead(row) if row else None


def _lead(row: Row[tuple[object, ...]]) -> Lead:
    return Lead(
        id=row.id,
        public_id=row.public_id,
        email=row.email or "",
        name=row.name,
        phone=row.phone,
        phone_e164=row.phone_e164,
        zone=ZoneInfo(row.zone),
        topics=frozenset(row.topics),
        source=row.source,
        created_at=row.created_at,
    )
