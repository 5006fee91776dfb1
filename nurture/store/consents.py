"""What each lead agreed to: the words as they were shown, when, and where. Nothing here is ever changed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from nurture.domain.consent import Consent
from nurture.store.schema import consents


@dataclass(frozen=True, slots=True)
class GivenConsent:
    """One consent on record. Version and page are unknown of those given before these were kept."""

    wording: str
    version: str | None
    page: str | None
    source: str
    given_at: datetime


def add_consent(connection: Connection, lead_id: int, consent: Consent, *, source: str, given_at: datetime) -> None:
    """The exact words the lead agreed to are on record, with what showed them."""
    values = {"lead_id": lead_id, "wording": consent.wording, "version": consent.version, "page": consent.page}
    connection.execute(consents.insert().values(values | {"source": source, "given_at": given_at}))


def has_consented(connection: Connection, lead_id: int, consent: Consent, since: datetime) -> bool:
    """Tell whether the lead agreed to the same words on the same page at or after that instant."""
    same = (consents.c.version == consent.version, consents.c.page == consent.page)
    chosen = select(consents.c.id).where(consents.c.lead_id == lead_id, *same, consents.c.given_at >= since)
    return connection.execute(chosen.limit(1)).first() is not None


def consents_of_lead(connection: Connection, lead_id: int) -> list[GivenConsent]:
    """Everything the lead agreed to, in order."""
    rows = connection.execute(select(consents).where(consents.c.lead_id == lead_id).order_by(consents.c.id))
    return [GivenConsent(row.wording, row.version, row.page, row.source, row.given_at) for row in rows]
