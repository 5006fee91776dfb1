"""What comes after asking: the report opens here. Says the same to everyone, and nothing of the address."""

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from nurture.domain.token import Purpose
from nurture.service.mail_context import report_context
from nurture.service.reports import report_of
from nurture.service.runtime import Runtime


def thanks_blueprint(runtime: Runtime) -> Blueprint:
    """`/thanks/<token>`, with the token of the report's own page."""
    pages = Blueprint("thanks", __name__)

    @pages.get("/thanks/<token>")
    def thanks(token: str) -> ResponseReturnValue:
        enrolment_id = runtime.signing.unsign(Purpose.REPORT, token) or abort(404)
        report = report_of(runtime, enrolment_id) or abort(404)
        words = report_context(report, runtime.links, enrolment_id)
        return render_template("pages/thanks.html", title="Your report is ready", report=words)

    return pages
