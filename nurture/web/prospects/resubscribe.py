"""The way back for whoever stopped the articles. GET shows a page, as scanners open every link; POST starts them."""

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from nurture.domain.consent import Consent
from nurture.domain.errors import Refusal
from nurture.domain.lead import Lead
from nurture.domain.token import Purpose
from nurture.runtime import Runtime
from nurture.service.preferences import is_unsubscribed
from nurture.service.resubscribe import AGAIN, resubscribe
from nurture.service.who import lead_of_token

_TITLES = {"resubscribe": "Start these emails again", "unsubscribe": "Stop these emails"}


def resubscribe_blueprint(runtime: Runtime) -> Blueprint:
    """`/resubscribe/<token>`."""
    pages = Blueprint("resubscribe", __name__)

    @pages.get("/resubscribe/<token>")
    def ask(token: str) -> ResponseReturnValue:
        lead = lead_of(runtime, Purpose.RESUBSCRIBE, token)
        return page("resubscribe", lead, "ask" if is_unsubscribed(runtime, lead) else "done")

    @pages.post("/resubscribe/<token>")
    def start(token: str) -> ResponseReturnValue:
        return start_again(runtime, lead_of(runtime, Purpose.RESUBSCRIBE, token))

    return pages


def start_again(runtime: Runtime, lead: Lead) -> ResponseReturnValue:
    """The articles go on where the lead had stopped them, and a page says so, or why they do not."""
    # The token is of no use to whoever keeps the consent, and opens the page to whoever reads it.
    restarted = resubscribe(runtime, lead, Consent(AGAIN, request.path.rpartition("/")[0]), "page")
    if isinstance(restarted, Refusal):
        return page("resubscribe", lead, "refused"), 409
    return page("resubscribe", lead, "started" if restarted.campaigns else "done")


def lead_of(runtime: Runtime, purpose: Purpose, token: str) -> Lead:
    """The lead that a token of this purpose names; ends in the not-found page."""
    return lead_of_token(runtime, purpose, token) or abort(404)


def page(name: str, lead: Lead, state: str) -> str:
    """The page of that name in that state, with enough of the lead's address for its owner to recognise it."""
    local, _, domain = lead.email.strip().partition("@")
    return render_template(
        f"pages/{name}.html",
        title=_TITLES[name],
        state=state,
        action=request.path,
        email_masked=f"{local[:1]}…@{domain}",
        consent_text=AGAIN,
    )
