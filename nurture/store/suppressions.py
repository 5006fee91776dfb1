"""Addresses we must not write to, as keyed hashes with the reason."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, or_, select

from nurture.store.among import among
from nurture.store.schema import leads, suppressions
from nurture.store.upsert import insert_or_nothing

_OF_LEADS = (
    select(leads.c.id, leads.c.email, suppressions.c.reason)
    .outerjoin(suppressions, suppressions.c.email_hash == leads.c.email_hash)
    .where(among(leads.c.id), or_(leads.c.email.is_(None), suppressions.c.reason.is_not(None)))
)


def suppress_lead(connection: Connection, lead_id: int, reason: str, since_at: datetime) -> bool:
    """The lead's address is held back for this reason; tells whether it was not already. Without one, nothing is."""
    email_hash = connection.execute(select(leads.c.email_hash).where(leads.c.id == lead_id)).scalar_one()
    if email_hash is None:
        return False
    values = {"email_hash": email_hash, "reason": reason, "since_at": since_at}
    return insert_or_nothing(connection, suppressions, values) is not None


def carry_suppressions(connection: Connection, old_hash: str, new_hash: str, reasons: Collection[str]) -> None:
    """What holds back the old address for one of these reasons holds back the new one, and the old one still."""
    held = select(suppressions).where(suppressions.c.email_hash == old_hash, suppressions.c.reason.in_(reasons))
    for row in connection.execute(held).all():
        values = {"email_hash": new_hash, "reason": row.reason, "since_at": row.since_at}
        insert_or_nothing(connection, suppressions, values)


def lift_suppression(connection: Connection, lead_id: int, reason: str) -> None:
    """The lead's address is no longer held back for this reason."""
    email_hash = select(leads.c.email_hash).where(leads.c.id == lead_id).scalar_subquery()
    held = (suppressions.c.email_hash == email_hash, suppressions.c.reason == reason)
    connection.execute(suppressions.delete().where(*held))


def suppressions_of_leads(connection: Connection, lead_ids: set[int]) -> dict[int, frozenset[str]]:
    """The reasons for which each of these leads is held back, that it has no address among them."""
    found: dict[int, frozenset[str]] = {}
    for lead_id, email, reason in connection.execute(_OF_LEADS, {"ids": lead_ids}).all():
        found[lead_id] = found.get(lead_id, frozenset()) | {"no_address" if email is None else reason}
    return found
