"""What `load_enrolments` must read, by the plainest way there is: everything of every lead, and then a look at it."""

from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from nurture.domain.delivery_state import SETTLED, DeliveryState
from nurture.domain.enrolment import Enrolment, Settled
from nurture.domain.facts import facts_of
from nurture.domain.message import MailKind
from nurture.store.enrolment_snapshot import histories_of_leads
from nurture.store.schema import deliveries, enrolments, leads


def read_enrolments(connection: Connection, ids: list[int]) -> list[Enrolment]:
    return [_read(connection, each) for each in ids]


def _read(connection: Connection, number: int) -> Enrolment:
    row = connection.execute(select(enrolments).where(enrolments.c.id == number)).one()
    zone = connection.execute(select(leads.c.zone).where(leads.c.id == row.lead_id)).scalar_one()
    mail = connection.execute(select(deliveries).where(deliveries.c.lead_id == row.lead_id)).all()
    enrolled = connection.execute(select(enrolments).where(enrolments.c.lead_id == row.lead_id)).all()
    history = histories_of_leads(connection, {row.lead_id})[row.lead_id]
    again = any(each.campaign == row.campaign and each.visit_id is None and each.id < row.id for each in enrolled)
    return Enrolment(
        id=row.id,
        lead_id=row.lead_id,
        campaign=row.campaign,
        zone=ZoneInfo(zone),
        enrolled_at=row.enrolled_at,
        settled=tuple(
            Settled(each.step, DeliveryState(each.state), each.settled_at)
            for each in sorted(mail, key=lambda each: each.id)
            if each.enrolment_id == row.id and each.state in SETTLED
        ),
        facts=facts_of(history, row.visit_id, row.visit_sequence or 0, is_repeated=again),
        visit=next((each for each in history.visits if each.id == row.visit_id), None),
        resumed_at=row.resumed_at,
        nurtured_at=max((_at(each) for each in mail if _counts(each, row.id)), default=None),
        end_reason=row.end_reason,
        public_id=row.public_id,
        visit_sequence=row.visit_sequence or 0,
    )


def _at(mail):
    return mail.settled_at or (mail.queued_at if mail.state == DeliveryState.QUEUED else mail.not_before)


def _counts(mail, enrolment_id: int) -> bool:
    """Tell whether a nurture mail went, or is about to go, from anywhere but the step in hand."""
    is_unmade = mail.state == "queued" and mail.unmade_with is not None
    is_in_hand = mail.state not in SETTLED and mail.enrolment_id == enrolment_id
    never_went = mail.state in {"skipped", "failed"}
    return mail.kind == MailKind.NURTURE and not (is_unmade or is_in_hand or never_went)
