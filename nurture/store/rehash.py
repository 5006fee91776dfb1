"""Every kept hash of an address, made anew with another key."""

from collections.abc import Callable

from sqlalchemy import Connection, func, select

from nurture.store.schema import leads, suppressions


def rehash(connection: Connection, digest: Callable[[str], str]) -> int:
    """Leads and the suppressions of their addresses have the hash that `digest` makes.

    Returns how many suppressions are left that belong to no address on record: those match nobody any more.
    """
    lost = select(func.count()).where(suppressions.c.email_hash.not_in(select(leads.c.email_hash).where(_HAS_ADDRESS)))
    count: int = connection.execute(lost).scalar_one()
    known = select(leads.c.id, leads.c.email, leads.c.email_hash).where(_HAS_ADDRESS)
    for lead_id, email, old in connection.execute(known).all():
        new = {"email_hash": digest(email)}
        connection.execute(leads.update().where(leads.c.id == lead_id).values(new))
        connection.execute(suppressions.update().where(suppressions.c.email_hash == old).values(new))
    return count


_HAS_ADDRESS = leads.c.email_hash.is_not(None)
