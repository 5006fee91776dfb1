"""The way out. GET shows a page, as mail scanners open every link; POST stops the mail (RFC 8058), or undoes it."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from nurture.domain.token import Purpose
from nurture.runtime import Runtime
from nurture.service.preferences import is_unsubscribed, unsubscribe
from nurture.web.prospects.resubscribe import lead_of, page, start_again


def unsubscribe_blueprint(runtime: Runtime) -> Blueprint:
    """`/unsubscribe/<token>`."""
    pages = Blueprint("unsubscribe", __name__)

    @pages.get("/unsubscribe/<token>")
    def ask(token: str) -> ResponseReturnValue:
        lead = lead_of(runtime, Purpose.UNSUBSCRIBE, token)
        return page("unsubscribe", lead, "done" if is_unsubscribed(runtime, lead) else "ask")

    @pages.post("/unsubscribe/<token>")
    def stop(token: str) -> ResponseReturnValue:
        # RFC 8058 3.2: no cookie, no login, no redirect; urlencoded or multipart. The body does not matter, but for the
        # button of our own page that takes it back, whose words no mail program sends.
        lead = lead_of(runtime, Purpose.UNSUBSCRIBE, token)
        if request.form.get("act") == "undo":
            return start_again(runtime, lead)
        unsubscribe(runtime, lead)
        return page("unsubscribe", lead, "done")

    return pages
