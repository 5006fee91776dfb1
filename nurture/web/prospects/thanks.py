"""What comes after asking: the report opens here. Says the same to everyone, and nothing of the address."""

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from nurture.domain.token import Purpose
from nurture.mail.context import report_context, what_follows
from nurture.runtime import Runtime
from nurture.service.reports import report_of


def thanks_blueprint(runtime: Runtime) -> Blueprint:
    """`/thanks/<token>`, with the token of the report's own page."""
    pages = Blueprint("thanks", __name__)

    @pages.get("/thanks/<token>")
    def thanks(token: str) -> ResponseReturnValue:
        enrolment_id = runtime.signing.unsign(Purpose.REPORT, token) or abort(404)
        report = report_of(runtime, enrolment_id) or abort(404)
        campaign = runtime.catalogue.campaign_for(report.name) or abort(404)
        return render_template(
            "pages/thanks.html",
            title="Your report opens here",
            report=report_context(report, runtime.links, enrolment_id),
            red_flags=report.red_flags,
            what_follows=what_follows(runtime.mail_kit, campaign, runtime.clock()),
        )

    return pages
