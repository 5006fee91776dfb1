"""The page that offers a report, and the two files that all pages use. What its form sends goes to web/signup.py."""

from typing import Any

from flask import Blueprint, abort, render_template, request, send_from_directory
from flask.typing import ResponseReturnValue

from nurture.catalogue import Report
from nurture.domain.campaign import Trigger
from nurture.render.markdown import sections
from nurture.service.mail_context import article_context
from nurture.service.runtime import Runtime

CONSENT = (
    "Send me the report and, for eleven weeks, helpful articles and invitations by email. "
    "Every one of them has a link that stops them."
)
# What a visitor may have typed or brought along, and finds again when the form is refused.
FIELDS = ("email", "name", "phone", "source")


def landing_blueprint(runtime: Runtime) -> Blueprint:
    """`/`, and the two files."""
    pages = Blueprint("landing", __name__)

    @pages.get("/")
    def landing() -> ResponseReturnValue:
        source = request.args.get("source", "")
        return landing_page(runtime, request.args.get("report", ""), {"source": source})

    @pages.get("/site.css")
    @pages.get("/zone.js")
    def asset() -> ResponseReturnValue:
        folder = runtime.settings.templates / "pages"
        return send_from_directory(folder, request.path.lstrip("/"), max_age=31_536_000)

    return pages


def landing_page(runtime: Runtime, name: str, given: dict[str, str], error: str | None = None) -> str:
    """The page of that report, with what was given in its form, and why that was refused."""
    offered = offered_reports(runtime)
    report = offered.get(name) or next(iter(offered.values()), None)
    if report is None:
        abort(404)
    return render_template(
        "pages/landing.html",
        title=report.title,
        report=_offer(report),
        articles=[article_context(each, runtime.links) for each in runtime.catalogue.articles.values()],
        consent_text=CONSENT,
        error=error,
        form={field: given.get(field, "") for field in FIELDS},
    )


def offered_reports(runtime: Runtime) -> dict[str, Report]:
    """The reports that a campaign delivers, by name."""
    starting = runtime.catalogue.starting_on(Trigger.REPORT_REQUESTED)
    return {each.report: runtime.catalogue.reports[each.report] for each in starting if each.report}


def _offer(report: Report) -> dict[str, Any]:
    headings = [section.heading for section in sections(report.body)]
    questions = [heading.partition(". ")[2] for heading in headings if heading[:1].isdigit()]
    words = {"name": report.name, "title": report.title, "subtitle": report.subtitle, "summary": report.summary}
    return words | {"questions": questions}
