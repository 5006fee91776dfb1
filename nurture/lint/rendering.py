"""Renders a mail for the rules of lint/, with what they must know of the clinic. Judges nothing."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from nurture.contact.phone import dialled
from nurture.domain.errors import TemplateError
from nurture.domain.message import Content
from nurture.lint.page import read_page
from nurture.lint.rendered_mail import HTML, LintContext, RenderedMail
from nurture.mail.compose import attachments, envelope_of, folder_of
from nurture.mail.context import mail_context
from nurture.mail.kit import MailKit
from nurture.mail.request import MailRequest
from nurture.render.pictures import folder

_TITLE = re.compile(r"^SUMMARY:(.*)$", re.MULTILINE)


def rendered_mail_of(
    kit: MailKit, request: MailRequest, content: Content, frames: Mapping[str, str] = MappingProxyType({})
) -> RenderedMail:
    """The mail with this content, ready for the rules; `frames` are the templates around its bodies, by part."""
    context = mail_context(kit, request)
    return RenderedMail(
        kind=request.step.kind,
        name=request.lead.name,
        content=content,
        page=read_page(content.html),
        headers=_headers(kit, request),
        calendar_title=_calendar_title(kit, request),
        context=_lint_context(kit),
        raw=kit.renderer.template(f"emails/{folder_of(request.step, request.campaign.name)}/{HTML}", context),
        frame={part: _alone(kit, name, context) for part, name in frames.items()},
        is_of_drip=request.is_of_drip,
    )


def _lint_context(kit: MailKit) -> LintContext:
    settings = kit.settings
    return LintContext(
        site=kit.links.site,
        domain=settings.mail.from_address.partition("@")[2],
        reply_to=settings.mail.reply_to,
        address=settings.clinic.address,
        clinic=settings.clinic.name,
        clinicians=(settings.clinic.clinician, settings.clinic.clinician_short),
        phones=dialled(settings.clinic.phones, settings.clinic.country),
        country=settings.clinic.country,
        private_words=settings.private_words,
        articles=frozenset(kit.catalogue.articles),
        colors=settings.brand.colors,
        pictures={each.name: each.stat().st_size for each in folder(settings.templates).glob("*")},
    )


def _headers(kit: MailKit, request: MailRequest) -> tuple[tuple[str, str], ...]:
    """What the clinic says in the mail's headers; To and Subject are not its own words alone."""
    envelope = envelope_of(kit, request, "<sample@clinic.example>")
    sender = ("From", f"{envelope.sender.name} {envelope.sender.address}")
    return (sender, ("Reply-To", envelope.reply_to), *envelope.headers)


def _calendar_title(kit: MailKit, request: MailRequest) -> str:
    files = attachments(kit, request)
    calendars = [each.content.decode() for each in files if each.content_type.startswith("text/calendar")]
    titles = (match[1].strip() for text in calendars for match in _TITLE.finditer(text.replace("\r\n ", "")))
    return re.sub(r"\\(.)", r"\1", " ".join(titles))


def _alone(kit: MailKit, frame: str, context: dict[str, Any]) -> str:
    """What a frame says around no mail; nothing when it needs one."""
    try:
        return kit.renderer.template(frame, context)
    except TemplateError:
        return ""
