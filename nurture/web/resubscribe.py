"""The way back for whoever stopped the articles. GET shows a page, as scanners open every link; POST starts them."""

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from nurture.domain.consent import Consent
from nurture.domain.errors import Refusal
from nurture.domain.lead import Lead
from nurture.domain.token import Purpose
from nurture.service.preferences import is_unsubscribed
from nurture.service.resubscribe import AGAIN, resubscribe
from nurture.service.runtime import Runtime
from nurture.store.leads import lead_by_public_id


def resubscribe_blueprint(runtime: Runtime) -> Blueprint:
    """`/resubscribe/<token>`."""
    pages = Blueprint("resubscribe", __name__)

    @pages.get("/resubscribe/<token>")
    def ask(token: str) -> ResponseReturnValue:
        lead = lead_of(runtime, Purpose.RESUBSCRIBE, token)
        return _page(lead, "ask" if is_unsubscribed(runtime, lead) else "done")

    @pages.post("/resubscribe/<token>")
    def start(token: str) -> ResponseReturnValue:
        return start_again(runtime, lead_of(runtime, Purpose.RESUBSCRIBE, token))

    return pages


def start_again(runtime: Runtime, lead: Lead) -> ResponseReturnValue:
    """The articles go on where the lead had stopped them, and a page says so, or why they do not."""
    # The token is of no use to whoever keeps the consent, and opens the page to whoever reads it.
    restarted = resubscribe(runtime, lead, Consent(AGAIN, request.path.rpartition("/")[0]), "page")
    if isinstance(restarted, Refusal):
        return _page(lead, "refused"), 409
    return _page(lead, "started" if restarted.campaigns else "done")


def lead_of(runtime: Runtime, purpose: Purpose, token: str) -> Lead:
    """The lead that a token of this purpose names; ends in the not-found page."""
    public_id = runtime.signing.unsign(purpose, token)
    if public_id is None:
        abort(404)
    with runtime.database.read() as connection:
        return lead_by_public_id(connection, public_id) or abort(404)


def _page(lead: Lead, state: str) -> str:
    return render_template(
        "pages/resubscribe.html",
        title="Start these emails again",
        state=state,
        action=request.path,
        email_masked=masked(lead.email),
        consent_text=AGAIN,
    )


def masked(email: str) -> str:
    """Enough of an address for its owner to recognise it, and no more."""
    local, _, domain = email.strip().partition("@")
    return f"{local[:1]}…@{domain}"
