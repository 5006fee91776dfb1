"""The finished Message of one mail: what it says, who it is from and to, and the headers its kind owes."""

from nurture.domain.campaign import Step
from nurture.domain.compliance import Compliance
from nurture.domain.message import Attachment, Content, Envelope, Mailbox, Message, Unsubscribe, kind_headers
from nurture.domain.visit import Visit
from nurture.mail.context import mail_context
from nurture.mail.kit import MailKit
from nurture.mail.request import MailRequest
from nurture.render.calendar import Appointment, calendar_attachment
from nurture.render.pictures import picture_files


def compose(kit: MailKit, request: MailRequest, identity: str) -> Message:
    """The mail as a message under that Message-ID; raises ValueError when it breaks its kind's promise."""
    return build_message(kit, request, identity, render(kit, request))


def render(kit: MailKit, request: MailRequest) -> Content:
    """What the mail's reader sees: subject, text and HTML."""
    return kit.renderer.mail(folder_of(request.step, request.campaign.name), mail_context(kit, request))


def build_message(kit: MailKit, request: MailRequest, identity: str, content: Content) -> Message:
    """The content with the headers, files and pictures it needs.

    Raises ValueError when the mail's kind owes more, and TemplateError when a picture is missing.
    """
    kind, envelope = request.step.kind, envelope_of(kit, request, identity)
    compliance = Compliance(kit.settings.clinic.address, _unsubscribe(kit, request).url)
    files = (*attachments(kit, request), *picture_files(kit.settings.templates, content.html))
    return Message(kind, envelope, content, files, compliance, request.precedes_articles)


def envelope_of(kit: MailKit, request: MailRequest, identity: str) -> Envelope:
    """Who writes the mail to whom, dated now, with the headers that its kind owes."""
    mail, unsubscribe = kit.settings.mail, _unsubscribe(kit, request)
    headers_of_kind = kind_headers(request.step.kind, _list_id(kit), unsubscribe, starts_drip=request.precedes_articles)
    return Envelope(
        sender=Mailbox(mail.from_name, mail.from_address),
        recipient=request.recipient,
        reply_to=mail.reply_to,
        message_id=identity,
        date=kit.clock(),
        headers=(*headers_of_kind, *_key(kit, identity)),
    )


def appointment(kit: MailKit, visit: Visit, attendee: str) -> Appointment:
    """The visit as a calendar entry of the clinic's."""
    clinic, mail = kit.settings.clinic, kit.settings.mail
    return Appointment(
        visit=visit,
        clinic=clinic.name,
        place=clinic.address,
        phone=clinic.phone,
        organizer=mail.from_address,
        attendee=attendee,
        zone=clinic.zone,
        url=kit.links.visit(visit.public_id),
    )


def attachments(kit: MailKit, request: MailRequest) -> tuple[Attachment, ...]:
    """The files that travel with the mail."""
    method, visit = request.step.calendar, request.enrolment.visit
    if method is None or visit is None:
        return ()
    entry = appointment(kit, visit, request.lead.email)
    return (calendar_attachment(entry, method, kit.clock()),)


def _list_id(kit: MailKit) -> str:
    return f"nurture.{kit.settings.mail.from_address.partition('@')[2]}"


def _key(kit: MailKit, identity: str) -> tuple[tuple[str, str], ...]:
    """The header by which the relay knows a mail it has taken before: the same at every attempt."""
    header = kit.settings.mail.idempotency_header
    return ((header, identity.strip("<>").partition("@")[0]),) if header else ()


def _unsubscribe(kit: MailKit, request: MailRequest) -> Unsubscribe:
    # Whoever presses a button that writes a mail writes nothing in it: the subject tells the front desk what it is.
    mailto = f"{kit.settings.mail.reply_to}?subject=unsubscribe"
    return Unsubscribe(kit.links.unsubscribe(request.lead.public_id), mailto)


def folder_of(step: Step, campaign: str) -> str:
    """The folder of the step's three templates, below templates/emails."""
    return "_article" if step.article else f"{campaign}/{step.name}"
