"""What a mail's templates may say: the clinic, the reader, and what this one mail is about. Reads no table."""

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from markupsafe import Markup

from nurture.config.settings import Clinic, Settings
from nurture.config.writings import Article, Report
from nurture.contact.phone import phone_url
from nurture.domain.campaign import Campaign
from nurture.domain.engine import due_at
from nurture.domain.extent import extent_of
from nurture.domain.message import MailKind
from nurture.domain.picture import is_picture_name
from nurture.domain.visit import Visit, VisitStatus
from nurture.mail.kit import MailKit
from nurture.mail.request import MailRequest
from nurture.render.links import Links
from nurture.render.markdown import to_html, to_text
from nurture.render.pictures import picture


def mail_context(kit: MailKit, request: MailRequest) -> dict[str, Any]:
    """The variables given to the three templates of this mail."""
    kind, links, catalogue = request.step.kind, kit.links, kit.catalogue
    stop = links.unsubscribe(request.lead.public_id) if request.is_of_drip else ""
    report = catalogue.reports[request.campaign.report] if request.campaign.report else None
    red_flags = (report or catalogue.report_on(request.campaign.topics)).red_flags
    article = catalogue.articles[request.step.article] if request.step.article else None
    return site_context(kit.settings, links, picture) | {
        "lead": {"name": request.lead.name, "first_name": request.lead.first_name, "number": request.lead.id},
        "kind": kind.value,
        "links": {
            "unsubscribe": stop,
            "resubscribe": links.resubscribe(request.lead.public_id) if request.is_stopped else "",
            "site": links.site,
            "articles": links.articles,
            "visit_offer": links.visit_offer,
        },
        "report": report_context(report, links, request.enrolment_public_id) if report else None,
        "article": _article(article, links) if article else None,
        "visit": _visit(kit, request),
        "news": [_news(kit, each) for each in (request, *request.others)] if kind is MailKind.STAFF else [],
        "why": request.campaign.why,
        "red_flags": red_flags,
        "what_follows": what_follows(kit, request.campaign, request.enrolment.enrolled_at)
        if request.starts_drip
        else "",
    }


def what_follows(kit: MailKit, campaign: Campaign, requested_at: datetime) -> str:
    """What comes after a report asked for then, in the campaign's words; nothing when nothing does."""
    if not campaign.what_follows:
        return ""
    extent = extent_of(campaign, kit.settings.clinic.zone, requested_at)
    return extent.filled(campaign.what_follows) if extent.mails else ""


def site_context(settings: Settings, links: Links, show: Callable[[str], str]) -> dict[str, Any]:
    """What every mail and page may say about the clinic and how it looks. `show` addresses a picture of ours."""
    clinic, brand = settings.clinic, settings.brand
    shown = replace(brand, logo=_shown(brand.logo, show), photo=_shown(brand.photo, show))
    return {
        "clinic": {
            "name": clinic.name,
            "phone": clinic.phone,
            "phone_url": phone_url(clinic.phone, clinic.country),
            "clinician": clinic.clinician,
            "clinician_first": clinic.clinician_short,
            "address": clinic.address,
            "site_url": links.site,
            "zone": clinic.zone.key,
        },
        # Constant, and part of style rules: they belong to a document's skeleton (see render/html/skeletons.py).
        "brand": {name: Markup(value) for name, value in asdict(shown).items()},  # noqa: S704
    }


def _shown(name: str, show: Callable[[str], str]) -> str:
    return show(name) if is_picture_name(name) else name


def report_context(report: Report, links: Links, enrolment_public_id: str) -> dict[str, Any]:
    """The report and this reader's own addresses for it."""
    return {
        "name": report.name,
        "title": report.title,
        "subtitle": report.subtitle,
        "page_url": links.report_page(report.page),
        "url": links.report(enrolment_public_id),
        "pdf_url": links.report_pdf(enrolment_public_id),
    }


def visit_context(visit: Visit, clinic: Clinic, links: Links) -> dict[str, Any]:
    """The visit in the words of the clinic's wall clock: that is where the reader will stand."""
    local, (day, hour) = visit.starts_at.astimezone(clinic.zone), _spoken(visit.starts_at, clinic)
    return {
        "when": f"{day} at {hour}",
        # At most 21 letters: a phone shows the first 30 of a subject.
        "when_short": f"{local:%a}, {local:%b} {local.day}, {hour}",
        "day": day,
        "time": hour,
        "zone_name": local.tzname() or "",
        "minutes": visit.minutes,
        "place": clinic.address,
        "status": visit.status.value,
        "confirmed": visit.status is VisitStatus.CONFIRMED,
        "url": links.visit(visit.public_id),
        "ics_url": links.visit_calendar(visit.public_id),
    }


def _spoken(at: datetime, clinic: Clinic) -> tuple[str, str]:
    """The day and the hour in words, on the clinic's clock."""
    local = at.astimezone(clinic.zone)
    return f"{local:%A}, {local:%B} {local.day}", f"{local.hour % 12 or 12}:{local:%M} {local:%p}"


def _news(kit: MailKit, request: MailRequest) -> dict[str, Any]:
    """What the desk is told of one lead: who it is, what happened and when, and what to do."""
    lead, clinic, visit = request.lead, kit.settings.clinic, request.enrolment.visit
    return {
        "what": request.campaign.title,
        "then": request.campaign.why,
        "when": " at ".join(_spoken(request.enrolment.enrolled_at, clinic)),
        "number": lead.id,
        "name": lead.name,
        "email": lead.email,
        "phone": lead.phone,
        "phone_url": f"tel:{lead.phone_e164}" if lead.phone_e164 else "",
        "visit": " at ".join(_spoken(visit.starts_at, clinic)) if visit else "",
        "remarks": request.remarks,
        "command": f"nurture lead show {lead.id}",
    }


def _visit(kit: MailKit, request: MailRequest) -> dict[str, Any] | None:
    visit = request.enrolment.visit
    if visit is None:
        return None
    reminders = [step for step in request.campaign.steps if step.is_before_visit]
    folded = any(due_at(step, request.enrolment) <= request.enrolment.enrolled_at for step in reminders)
    words = visit_context(visit, kit.settings.clinic, kit.links)
    return words | {"moved": request.sequence > 0, "folded": folded}


def _article(article: Article, links: Links) -> dict[str, Any]:
    return article_context(article, links) | {
        "html": Markup(to_html(article.body)),  # noqa: S704 - to_html escapes whatever is not Markdown
        "text": to_text(article.body),
        "subject": article.subject,
        "preheader": article.preheader,
    }


def article_context(article: Article, links: Links) -> dict[str, Any]:
    """The article as a card or a list shows it."""
    return {
        "name": article.name,
        "title": article.title,
        "summary": article.summary,
        "minutes": article.minutes,
        "url": links.article(article.name),
    }
