"""An appointment, for the person who has it: see it, confirm it, cancel it, keep it in a calendar."""

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from nurture.domain.campaign import CalendarMethod
from nurture.domain.errors import Refusal
from nurture.domain.lead import Lead
from nurture.domain.token import Purpose
from nurture.domain.visit import Visit, VisitStatus
from nurture.mail.compose import appointment
from nurture.mail.context import visit_context
from nurture.render.calendar import calendar_attachment
from nurture.runtime import Runtime
from nurture.service.visits import change
from nurture.store.queries.visit_list import visit_with_lead

# What each button does, and what the page says then.
_ACTS = {
    "confirm": ("confirm", "Thank you, your appointment is confirmed."),
    "cancel": ("cancel-on-page", "There is nothing else you need to do."),
}
_TOO_LATE = "That can no longer be changed here. Please give us a call and we will sort it out together."


def visit_blueprint(runtime: Runtime) -> Blueprint:
    """`/visit/<token>` and `/visit/<token>.ics`."""
    pages = Blueprint("visit", __name__)

    @pages.get("/visit/<token>")
    def show(token: str) -> ResponseReturnValue:
        return _page(runtime, _find(runtime, token)[0], None)

    @pages.post("/visit/<token>")
    def act(token: str) -> ResponseReturnValue:
        (visit, _), what = _find(runtime, token), request.form.get("act", "")
        if what == "ask-cancel":
            return _page(runtime, visit, None, asking=True)
        if what not in _ACTS:
            return _page(runtime, visit, None), 400
        done, words = _ACTS[what]
        changed = change(runtime, visit.id, done)
        if isinstance(changed, Refusal):
            return _page(runtime, visit, _TOO_LATE), 409
        return _page(runtime, changed, words)

    @pages.get("/visit/<token>.ics")
    def calendar(token: str) -> ResponseReturnValue:
        visit, lead = _find(runtime, token)
        cancelled = visit.status is VisitStatus.CANCELLED
        method = CalendarMethod.CANCEL if cancelled else CalendarMethod.REQUEST
        file = calendar_attachment(appointment(runtime.mail_kit, visit, lead.email), method, runtime.clock())
        headers = {"Content-Disposition": f'attachment; filename="{file.filename}"'}
        return Response(file.content, content_type=file.content_type, headers=headers)

    return pages


def _find(runtime: Runtime, token: str) -> tuple[Visit, Lead]:
    public_id = runtime.signing.unsign(Purpose.VISIT, token)
    if public_id is None:
        abort(404)
    with runtime.database.read() as connection:
        return visit_with_lead(connection, public_id) or abort(404)


def _page(runtime: Runtime, visit: Visit, notice: str | None, *, asking: bool = False) -> str:
    words = visit_context(visit, runtime.settings.clinic, runtime.links)
    return render_template(
        "pages/visit.html",
        title="Your appointment",
        visit=words,
        action=request.path,
        notice=notice,
        asking=asking,
        is_past=visit.starts_at <= runtime.clock(),
    )
