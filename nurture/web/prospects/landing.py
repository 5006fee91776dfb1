"""The page that offers a report, and the two files that all pages use. What its form sends goes to web/signup.py."""

from typing import Any

from flask import Blueprint, abort, render_template, request, send_from_directory
from flask.typing import ResponseReturnValue

from nurture.config.writings import Report
from nurture.render.markdown import sections
from nurture.runtime import Runtime
from nurture.service.agreement import offered_consent, sealed
from nurture.web.prospects.articles import article_cards

# What a visitor may have typed or brought along, and finds again when the form is refused.
FIELDS = ("email", "name", "phone", "source", "sure", "suggestion")


def landing_blueprint(runtime: Runtime) -> Blueprint:
    """`/`, `/reports/<page>`, and the two files."""
    pages = Blueprint("landing", __name__)

    @pages.get("/")
    def front() -> ResponseReturnValue:
        report = offered_report(runtime, request.args.get("report", "")) or runtime.catalogue.front
        return landing_page(runtime, report, _brought())

    @pages.get("/reports/<page>")
    def report(page: str) -> ResponseReturnValue:
        return landing_page(runtime, offered_report(runtime, page) or abort(404), _brought())

    @pages.get("/site.css")
    @pages.get("/zone.js")
    def asset() -> ResponseReturnValue:
        folder = runtime.settings.templates / "pages"
        return send_from_directory(folder, request.path.lstrip("/"), max_age=31_536_000)

    return pages


def landing_page(runtime: Runtime, report: Report, given: dict[str, str], error: str | None = None) -> str:
    """The page of that report, with what was given in its form, and why that was refused."""
    return render_template(
        "pages/landing.html",
        title=report.title,
        report=_offer(report) | {"page_url": runtime.links.report_page(report.page)},
        red_flags=report.red_flags,
        articles=article_cards(runtime, report),
        error=error,
        form={field: given.get(field, "") for field in FIELDS},
        **_asked(runtime, report),
    )


def _brought() -> dict[str, str]:
    return {"source": request.args.get("source", "")}


def _asked(runtime: Runtime, report: Report) -> dict[str, Any]:
    """What is to be agreed to, and the fields that bring it back."""
    campaign = runtime.catalogue.campaign_for(report.name) or abort(404)
    consent = offered_consent(runtime, campaign, request.path)
    return {"consent_text": consent.wording, "sealed": sealed(runtime, campaign, consent)}


def offered_report(runtime: Runtime, named: str) -> Report | None:
    """The report of that name, or with a page of that name, that a campaign delivers."""
    return next((each for each in runtime.catalogue.offered if named in {each.name, each.page}), None)


def _offer(report: Report) -> dict[str, Any]:
    headings = [section.heading for section in sections(report.body)]
    questions = [heading.partition(". ")[2] for heading in headings if heading[:1].isdigit()]
    words = {"name": report.name, "title": report.title, "subtitle": report.subtitle, "summary": report.summary}
    return words | {"questions": questions}
