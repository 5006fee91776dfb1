"""What the ledger knows of one delivery as a MailRequest. Writes nothing."""

from dataclasses import replace

from sqlalchemy import Connection

from nurture.domain.campaign import Campaign, Step
from nurture.domain.engine import invites
from nurture.domain.enrolment import Enrolment
from nurture.domain.errors import TemplateError
from nurture.domain.feedback import STOPPED
from nurture.domain.lead import Lead
from nurture.domain.message import MailKind
from nurture.mail.request import MailRequest
from nurture.runtime import Runtime
from nurture.service.resubscribe import stopped_campaigns
from nurture.store.deliveries import Delivery
from nurture.store.desk import told_with
from nurture.store.enrolment_snapshot import load_enrolment, load_enrolments
from nurture.store.enrolments import active_of_lead
from nurture.store.leads import lead_by_id
from nurture.store.notes import notes_of_lead


def mail_request(lead: Lead, campaign: Campaign, enrolment: Enrolment, step: Step) -> MailRequest:
    """Who is written to, and about what, as far as the claim has read it: of a nurture mail that is all."""
    return MailRequest(lead, campaign, step, enrolment, enrolment.public_id, enrolment.visit_sequence)


def completed(runtime: Runtime, delivery: Delivery, request: MailRequest) -> MailRequest:
    """The same with what mail of its kind tells besides; raises TemplateError when that cannot be told."""
    if delivery.kind is MailKind.NURTURE:
        return request
    with runtime.database.read() as connection:
        request = _completed(connection, runtime, request)
        if delivery.kind is not MailKind.STAFF:
            return request
        others = tuple(_read(connection, runtime, each) for each in told_with(connection, delivery.id))
    if not runtime.settings.desk_address:
        raise TemplateError("config/nurture.toml names no address under [desk] any longer")
    return replace(request, desk_address=runtime.settings.desk_address, others=others)


def _read(connection: Connection, runtime: Runtime, delivery: Delivery) -> MailRequest:
    lead = lead_by_id(connection, delivery.lead_id)
    enrolment = load_enrolment(connection, delivery.enrolment_id)
    campaign = runtime.catalogue.campaigns.get(enrolment.campaign)
    step = campaign.step(delivery.step) if campaign else None
    if campaign is None or step is None or lead is None:
        raise TemplateError(f"{enrolment.campaign} has no step {delivery.step} any longer")
    return _completed(connection, runtime, mail_request(lead, campaign, enrolment, step))


def _completed(connection: Connection, runtime: Runtime, request: MailRequest) -> MailRequest:
    lead, enrolment, kind = request.lead, request.enrolment, request.step.kind
    has_stopped = STOPPED in enrolment.facts
    waiting = stopped_campaigns(connection, runtime.catalogue, lead.id) if has_stopped else ()
    notes = notes_of_lead(connection, lead.id) if kind is MailKind.STAFF else []
    return replace(
        request,
        is_stopped=bool(waiting),
        drip_goes_on=kind is MailKind.REQUESTED and _drip_goes_on(connection, runtime, enrolment),
        remarks=tuple(note.words for note in notes if note.at == enrolment.enrolled_at),
    )


def _drip_goes_on(connection: Connection, runtime: Runtime, enrolment: Enrolment) -> bool:
    """Tell whether another enrolment of the lead still has articles or invitations to bring."""
    others = load_enrolments(connection, active_of_lead(connection, enrolment.lead_id))
    campaigns = runtime.catalogue.campaigns
    return any(
        invites(campaigns[each.campaign], each)
        for each in others
        if each.id != enrolment.id and each.campaign in campaigns
    )
