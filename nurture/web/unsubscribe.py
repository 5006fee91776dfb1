"""The way out. GET shows a page, because mail scanners open every link; POST stops the mail (RFC 8058)."""

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from nurture.domain.lead import Lead
from nurture.domain.token import Purpose
from nurture.service.preferences import is_unsubscribed, unsubscribe
from nurture.service.runtime import Runtime
from nurture.store.leads import lead_by_public_id


def unsubscribe_blueprint(runtime: Runtime) -> Blueprint:
    """`/unsubscribe/<token>`."""
    pages = Blueprint("unsubscribe", __name__)

    @pages.get("/unsubscribe/<token>")
    def ask(token: str) -> ResponseReturnValue:
        lead = _find(runtime, token)
        return _page(lead, "done" if is_unsubscribed(runtime, lead) else "ask")

    @pages.post("/unsubscribe/<token>")
    def stop(token: str) -> ResponseReturnValue:
        # RFC 8058 3.2: no cookie, no login, no redirect; urlencoded or multipart, and the body does not matter.
        lead = _find(runtime, token)
        unsubscribe(runtime, lead)
        return _page(lead, "done")

    return pages


def _find(runtime: Runtime, token: str) -> Lead:
    public_id = runtime.signing.unsign(Purpose.UNSUBSCRIBE, token)
    if public_id is None:
        abort(404)
    with runtime.database.read() as connection:
        return lead_by_public_id(connection, public_id) or abort(404)


def _page(lead: Lead, state: str) -> str:
    return render_template(
        "pages/unsubscribe.html",
        title="Stop these emails",
        state=state,
        action=request.path,
        email_masked=masked(lead.email),
    )


def masked(email: str) -> str:
    """Enough of an address for its owner to recognise it, and no more."""
    local, _, domain = email.strip().partition("@")
    return f"{local[:1]}…@{domain}"
