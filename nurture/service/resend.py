"""A report once more, because staff say so: a new enrolment that brings the report and nothing it brought before."""

from dataclasses import dataclass

from sqlalchemy import Connection

from nurture.domain.consent import may_send
from nurture.domain.errors import Refusal
from nurture.domain.event import Event, EventKind
from nurture.domain.facts import meaning_of
from nurture.domain.lead import Lead
from nurture.domain.message import MailKind
from nurture.runtime import Runtime
from nurture.service.dispatch import dispatch_queued
from nurture.service.feedback import record_event
from nurture.store import enrolments
from nurture.store.deliveries import Delivery
from nurture.store.enrolments import EnrolmentRow, NewEnrolment
from nurture.store.leads import lock_lead
from nurture.store.queries.delivery_list import listed
from nurture.store.suppressions import suppressions_of_leads


@dataclass(frozen=True, slots=True)
class Asked:
    """A report that a lead asked for, the enrolment that brought it, and its mail, if one was decided on."""

    report: str
    enrolment: EnrolmentRow
    mail: Delivery | None


def resend(runtime: Runtime, lead: Lead) -> Asked | Refusal:
    """The report that the lead asked for last is on its way once more, if the lead may get it at all."""
    with runtime.database.begin() as connection:
        lock_lead(connection, lead.id)
        asked = last_asked(connection, runtime, lead)
        refusal = held_back(connection, lead, MailKind.REQUESTED) or (
            _still_going(asked) if asked else _never_asked(lead)
        )
        if asked is None or refusal is not None:
            return refusal or _never_asked(lead)
        earlier = enrolments.enrolments_of_lead(connection, lead.id)
        campaign, now = asked.enrolment.campaign, runtime.clock()
        occurrence = str(sum(each.campaign == campaign for each in earlier) + 1)
        if asked.enrolment.is_limited:
            enrolments.begin_limited(connection, asked.enrolment.id, now)
        else:
            enrolments.add_enrolment(connection, NewEnrolment(lead.id, campaign, occurrence), now)
        queued = record_event(connection, runtime, Event(EventKind.REPORT_REQUESTED, lead.id, now))
    dispatch_queued(runtime, queued)
    return asked


def last_asked(connection: Connection, runtime: Runtime, lead: Lead) -> Asked | None:
    """The report that the lead asked for last; None when it never asked for one."""
    for enrolment in reversed(enrolments.enrolments_of_lead(connection, lead.id)):
        campaign = runtime.catalogue.campaigns.get(enrolment.campaign)
        if campaign is not None and campaign.report:
            mails = (each.delivery for each in listed(connection, lead_id=lead.id))
            wanted = (each for each in mails if each.enrolment_id == enrolment.id and each.kind is MailKind.REQUESTED)
            return Asked(campaign.report, enrolment, next(wanted, None))
    return None


def held_back(connection: Connection, lead: Lead, kind: MailKind) -> Refusal | None:
    """Why no mail of this kind may go to the lead; None when it may."""
    reason = may_send(kind, suppressions_of_leads(connection, {lead.id}).get(lead.id, frozenset()))
    return Refusal(reason, f"{lead.known_as} gets no mail: {meaning_of(reason)}. Nothing was sent.") if reason else None


def _never_asked(lead: Lead) -> Refusal:
    add = f"nurture lead add {lead.email} --report NAME"
    return Refusal("never_asked", f"{lead.known_as} never asked for a report, so nothing was sent. To send one: {add}.")


def _still_going(asked: Asked) -> Refusal | None:
    mail = asked.mail
    if mail is None or mail.settled_at is not None:
        return None
    see = f"See nurture delivery show {mail.id}"
    return Refusal("on_its_way", f"The report {asked.report} is still on its way, so no second one was sent. {see}.")
