"""Everything that is on record about one lead, for people to read. Changes nothing."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from nurture.domain.event import Event
from nurture.store.consents import GivenConsent, consents_of_lead
from nurture.store.enrolments import EnrolmentRow, enrolments_of_lead
from nurture.store.events import events_of_lead
from nurture.store.notes import Note, notes_of_lead
from nurture.store.queries.delivery_list import Listed, listed
from nurture.store.suppressions import suppressions_of_leads


@dataclass(frozen=True, slots=True)
class LeadCard:
    """Why mail is held back, and what has happened, each list oldest first."""

    held_back: frozenset[str]
    enrolments: list[EnrolmentRow]
    mails: list[Listed]
    consents: list[GivenConsent]
    notes: list[Note]
    events: list[Event]

    def next_at(self, enrolment: EnrolmentRow) -> datetime | None:
        """When the enrolment's next step is decided; None while a mail of it is under way."""
        under_way = {each.delivery.enrolment_id for each in self.mails if each.delivery.settled_at is None}
        return None if enrolment.id in under_way else enrolment.due_at


def lead_card(connection: Connection, lead_id: int) -> LeadCard:
    """The card of the lead with that number."""
    return LeadCard(
        held_back=suppressions_of_leads(connection, {lead_id}).get(lead_id, frozenset()),
        enrolments=enrolments_of_lead(connection, lead_id),
        mails=listed(connection, lead_id=lead_id)[::-1],
        consents=consents_of_lead(connection, lead_id),
        notes=notes_of_lead(connection, lead_id),
        events=events_of_lead(connection, lead_id),
    )
