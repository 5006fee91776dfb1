"""The finished Message of one delivery: what it says, who it is from and to, and the headers its kind owes."""

from dataclasses import replace

from sqlalchemy import Connection

from nurture.domain.campaign import Step
from nurture.domain.compliance import Compliance
from nurture.domain.engine import invites
from nurture.domain.enrolment import Enrolment
from nurture.domain.errors import TemplateError
from nurture.domain.feedback import STOPPED
from nurture.domain.message import Attachment, Content, Envelope, Mailbox, MailKind, Message, Unsubscribe, kind_headers
from nurture.domain.visit import Visit
from nurture.render.calendar import Appointment, calendar_attachment
from nurture.render.pictures import picture_files
from nurture.runtime import Runtime
from nurture.service.mail_context import MailRequest, mail_context
from nurture.service.message_id import message_id
from nurture.service.resubscribe import stopped_campaigns
from nurture.store.deliveries import Delivery
from nurture.store.desk import told_with
from nurture.store.enrolment_snapshot import load_enrolment, load_enrolments
from nurture.store.enrolments import active_of_lead, enrolment_by_id
from nurture.store.leads import lead_by_id
from nurture.store.notes import notes_of_lead


def compose_delivery(runtime: Runtime, delivery: Delivery, request: MailRequest) -> Message:
    """The message of this delivery, dated now; raises TemplateError when it cannot be made.

    What goes again after a doubt is the same to the byte, its date included: a relay that compares mails under one
    idempotency key must find no difference, and a reader who has it twice sees one.
    """
    at = delivery.in_doubt_since or runtime.clock()
    identity = delivery.message_id or message_id(runtime, request.enrolment_public_id, request.step.name)
    return compose(replace(runtime, clock=lambda: at), request, identity)


def compose(runtime: Runtime, request: MailRequest, identity: str) -> Message:
    """The mail as a message under that Message-ID; raises ValueError when it breaks its kind's promise."""
    return build_message(runtime, request, identity, render(runtime, request))


def render(runtime: Runtime, request: MailRequest) -> Content:
    """What the mail's reader sees: subject, text and HTML."""
    return runtime.renderer.mail(folder_of(request.step, request.campaign.name), mail_context(runtime, request))


def build_message(runtime: Runtime, request: MailRequest, identity: str, content: Content) -> Message:
    """The content with the headers, files and pictures it needs.

    Raises ValueError when the mail's kind owes more, and TemplateError when a picture is missing.
    """
    kind, envelope = request.step.kind, envelope_of(runtime, request, identity)
    compliance = Compliance(runtime.settings.clinic.address, _unsubscribe(runtime, request).url)
    files = (*attachments(runtime, request), *picture_files(runtime.settings.templates, content.html))
    return Message(kind, envelope, content, files, compliance, request.precedes_articles)


def envelope_of(runtime: Runtime, request: MailRequest, identity: str) -> Envelope:
    """Who writes the mail to whom, dated now, with the headers that its kind owes."""
    mail, unsubscribe = runtime.settings.mail, _unsubscribe(runtime, request)
    headers_of_kind = kind_headers(
        request.step.kind, _list_id(runtime), unsubscribe, starts_drip=request.precedes_articles
    )
    return Envelope(
        sender=Mailbox(mail.from_name, mail.from_address),
        recipient=request.recipient,
        reply_to=mail.reply_to,
        message_id=identity,
        date=runtime.clock(),
        headers=(*headers_of_kind, *_key(runtime, identity)),
    )


def appointment(runtime: Runtime, visit: Visit, attendee: str) -> Appointment:
    """The visit as a calendar entry of the clinic's."""
    clinic, mail = runtime.settings.clinic, runtime.settings.mail
    return Appointment(
        visit=visit,
        clinic=clinic.name,
        place=clinic.address,
        phone=clinic.phone,
        organizer=mail.from_address,
        attendee=attendee,
        zone=clinic.zone,
        url=runtime.links.visit(visit.public_id),
    )


def load_mail_request(runtime: Runtime, delivery: Delivery) -> MailRequest:
    """Who is written to, and about what; raises TemplateError when there is no such step any longer."""
    with runtime.database.read() as connection:
        request = _read(connection, runtime, delivery)
        if request.step.kind is not MailKind.STAFF:
            return request
        others = tuple(_read(connection, runtime, each) for each in told_with(connection, delivery.id))
    if not runtime.settings.desk_address:
        raise TemplateError("config/nurture.toml names no address under [desk] any longer")
    return replace(request, desk_address=runtime.settings.desk_address, others=others)


def _read(connection: Connection, runtime: Runtime, delivery: Delivery) -> MailRequest:
    row = enrolment_by_id(connection, delivery.enrolment_id)
    lead = lead_by_id(connection, delivery.lead_id)
    enrolment = load_enrolment(connection, delivery.enrolment_id)
    campaign = runtime.catalogue.campaigns.get(enrolment.campaign)
    step = campaign.step(delivery.step) if campaign else None
    if campaign is None or step is None or row is None or lead is None:
        raise TemplateError(f"{enrolment.campaign} has no step {delivery.step} any longer")
    has_stopped = STOPPED in enrolment.facts
    waiting = stopped_campaigns(connection, runtime.catalogue, lead.id) if has_stopped else ()
    notes = notes_of_lead(connection, lead.id) if step.kind is MailKind.STAFF else []
    return MailRequest(
        lead,
        campaign,
        step,
        enrolment,
        row.public_id,
        row.visit_sequence or 0,
        is_stopped=bool(waiting),
        drip_goes_on=step.kind is MailKind.REQUESTED and _drip_goes_on(connection, runtime, enrolment),
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


def attachments(runtime: Runtime, request: MailRequest) -> tuple[Attachment, ...]:
    """The files that travel with the mail."""
    method, visit = request.step.calendar, request.enrolment.visit
    if method is None or visit is None:
        return ()
    entry = appointment(runtime, visit, request.lead.email)
    return (calendar_attachment(entry, method, runtime.clock()),)


def _list_id(runtime: Runtime) -> str:
    return f"nurture.{runtime.settings.mail.from_address.partition('@')[2]}"


def _key(runtime: Runtime, identity: str) -> tuple[tuple[str, str], ...]:
    """The header by which the relay knows a mail it has taken before: the same at every attempt."""
    header = runtime.settings.mail.idempotency_header
    return ((header, identity.strip("<>").partition("@")[0]),) if header else ()


def _unsubscribe(runtime: Runtime, request: MailRequest) -> Unsubscribe:
    # Whoever presses a button that writes a mail writes nothing in it: the subject tells the front desk what it is.
    mailto = f"{runtime.settings.mail.reply_to}?subject=unsubscribe"
    return Unsubscribe(runtime.links.unsubscribe(request.lead.public_id), mailto)


def folder_of(step: Step, campaign: str) -> str:
    """The folder of the step's three templates, below templates/emails."""
    return "_article" if step.article else f"{campaign}/{step.name}"
