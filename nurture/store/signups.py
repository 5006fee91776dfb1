"""Signups by form or JSON that were mailed within a day, to be counted. Keyed hashes; nothing here outlives its day."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, ScalarSelect, func, literal, select

from nurture.domain.limits import DAY, HOUR, Counts
from nurture.store.schema import signups

# Any number will do that no other advisory lock of this database has.
_LOCK = 811


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks for which report, as keyed hashes. Without a network it is the clinic's own server that asks for them,
    and without a domain the mailbox is a great provider's: neither is counted then."""

    mailbox: str
    report: str
    network: str | None
    domain: str | None


def lock_signups(connection: Connection) -> None:
    """Nobody else counts a signup as mailed until this transaction ends; call it with the lead locked, not before."""
    # On SQLite every transaction that writes is alone already.
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def count_signups(connection: Connection, asker: Asker, now: datetime) -> Counts:
    """How many signups like this one were mailed."""
    day, hour = signups.c.at > now - DAY, signups.c.at > now - HOUR
    is_public = signups.c.network.is_not(None)
    mailbox = signups.c.mailbox == asker.mailbox
    row = connection.execute(
        select(
            _count(day, mailbox, signups.c.report == asker.report),
            _count(day, mailbox),
            _count(hour, signups.c.network == asker.network) if asker.network else literal(0),
            _count(hour, signups.c.domain == asker.domain) if asker.domain else literal(0),
            _count(hour, is_public) if asker.network else literal(0),
        )
    ).one()
    return Counts(*row)


def add_signup(connection: Connection, asker: Asker, now: datetime) -> None:
    """The signup counts from now on."""
    values = {"mailbox": asker.mailbox, "report": asker.report, "network": asker.network, "domain": asker.domain}
    connection.execute(signups.insert().values(values | {"at": now}))


def forget_signups(connection: Connection, now: datetime) -> None:
    """Nothing that is older than a day is kept."""
    connection.execute(signups.delete().where(signups.c.at <= now - DAY))


def _count(*which: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(func.count()).select_from(signups).where(*which).scalar_subquery()
