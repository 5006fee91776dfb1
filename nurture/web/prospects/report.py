"""The report a lead asked for, as a web page and as a PDF. The link is the key; nothing changes by opening it."""

from typing import Any

from flask import Blueprint, abort, render_template, send_file
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from nurture.config.writings import Report
from nurture.domain.token import Purpose
from nurture.mail.context import report_context
from nurture.mail.report import build_report
from nurture.render.markdown import Section, opening_bold, sections, to_html
from nurture.runtime import Runtime
from nurture.service.reports import report_of

_FLAG = "when to see a doctor"


def report_blueprint(runtime: Runtime) -> Blueprint:
    """`/report/<token>` and `/report/<token>.pdf`."""
    pages = Blueprint("report", __name__)

    @pages.get("/report/<token>")
    def page(token: str) -> ResponseReturnValue:
        report, enrolment_public_id = _find(runtime, token)
        words = report_context(report, runtime.links, enrolment_public_id)
        parts = [_part(section) for section in sections(report.body)]
        return render_template(
            "pages/report.html", title=report.title, report=words, sections=parts, pdf_url=words["pdf_url"]
        )

    @pages.get("/report/<token>.pdf")
    def pdf(token: str) -> ResponseReturnValue:
        report, _ = _find(runtime, token)
        file = build_report(runtime.mail_kit, report)
        # A folder of downloads is seen by others: the report's own name would tell them what it is about.
        return send_file(file, mimetype="application/pdf", download_name="report.pdf", max_age=0)

    return pages


def _find(runtime: Runtime, token: str) -> tuple[Report, str]:
    """The report that the token's enrolment was made for; ends in the not-found page."""
    public_id = runtime.signing.unsign(Purpose.REPORT, token) or abort(404)
    return report_of(runtime, public_id) or abort(404), public_id


def _part(section: Section) -> dict[str, Any]:
    answer, detail = opening_bold(section.body)
    return {
        "heading": section.heading,
        "anchor": section.anchor,
        "answer": Markup(to_html(answer)),  # noqa: S704 - to_html escapes whatever is not Markdown
        "html": Markup(to_html(detail)),  # noqa: S704
        "flag": section.heading.lower().startswith(_FLAG),
    }
