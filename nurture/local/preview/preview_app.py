"""The page of `nurture template preview`: a mail as phone, desktop, dark, text and source. Sends and stores nothing."""

import re
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Flask, Response, abort, redirect, render_template, request, send_from_directory, url_for
from flask.typing import ResponseReturnValue

from nurture.domain.campaign import Campaign, Step
from nurture.domain.errors import NurtureError, Refusal, TemplateError
from nurture.domain.message import Message
from nurture.lint.inspection import inspect
from nurture.local.preview.reloading_runtime import ReloadingRuntime
from nurture.mail.compose import compose
from nurture.mail.personas import PERSONAS, find_mail, sample_request, variants
from nurture.render.pictures import with_pictures
from nurture.runtime import Runtime
from nurture.web.hosts import LOCAL_NAMES

LOOKS = {"phone": "light", "desktop": "light", "dark": "dark"}
_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# The mail may run nothing and fetch nothing. Its links open beside the page.
_SANDBOX = "allow-popups allow-popups-to-escape-sandbox"
_MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'self'; "
    f"sandbox {_SANDBOX}"
)
_ASKS_FOR_DARK = re.compile(r"\(\s*prefers-color-scheme\s*:\s*dark\s*\)")
_BOTH_SCHEMES = re.compile(r"(color-scheme(?:s\" content=\"|\" content=\"|s?\s*:\s*))light dark")
_HEAD = re.compile(r"<head\b[^>]*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Choice:
    """What is looked at: a mail, the reader's sort, and what the mail is about."""

    campaign: Campaign
    step: Step
    persona: str
    state: str
    states: tuple[str, ...]

    @property
    def mail(self) -> str:
        return f"{self.campaign.name}/{self.step.name}"


def create_preview(runtime: Runtime) -> Flask:
    """The application, ready to serve on this machine alone."""
    reloading = ReloadingRuntime(runtime)
    app = Flask("preview", template_folder=str(runtime.settings.templates), static_folder=None)
    app.config["TRUSTED_HOSTS"] = LOCAL_NAMES
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.add_url_rule("/", view_func=partial(_page, reloading), endpoint="page")
    app.add_url_rule("/frame/<campaign>/<step>", view_func=partial(_frame, reloading), endpoint="frame")
    app.add_url_rule(
        "/stamp", view_func=lambda: Response(reloading.stamp(), content_type="text/plain"), endpoint="stamp"
    )
    app.add_url_rule("/preview.<kind>", view_func=partial(_asset, reloading), endpoint="asset")
    app.after_request(_with_headers)
    return app


def in_scheme(html: str, scheme: str) -> str:
    """The mail as a program in that color scheme, `light` or `dark`, shows it, whatever this machine prefers."""
    html = _ASKS_FOR_DARK.sub("(min-width: 0px)" if scheme == "dark" else "(max-width: 0px)", html)
    return _BOTH_SCHEMES.sub(lambda match: match[1] + scheme, html)


def _page(reloading: ReloadingRuntime) -> ResponseReturnValue:
    # Taken first: what changes while the page is made shows a second later.
    stamp = reloading.stamp()
    try:
        runtime, error = reloading.runtime(), ""
    except NurtureError as broken:
        runtime, error = reloading.last_good, str(broken)
    if "mail" not in request.args:
        first = next(iter(runtime.catalogue.campaigns.values()))
        return redirect(url_for("page", mail=f"{first.name}/{first.steps[0].name}"))
    choice = _choice(runtime, request.args["mail"])
    view = {"error": error, "content": None} if error else _view(runtime, choice)
    view |= {"choice": choice, "campaigns": runtime.catalogue.campaigns.values(), "personas": PERSONAS}
    return render_template("pages/preview/page.html", stamp=stamp, looks=LOOKS, sandbox=_SANDBOX, **view)


def _view(runtime: Runtime, choice: _Choice) -> dict[str, Any]:
    """The mail and what is to be said against it; or the sentence why it cannot be made."""
    try:
        content = _message(runtime, choice).content
    except (TemplateError, ValueError) as broken:
        error = f"templates/{broken}" if str(broken).startswith("emails/") else str(broken)
        return {"error": error, "content": None}
    return {"error": "", "content": content, "findings": inspect(runtime.mail_kit, choice.campaign, choice.step)}


def _frame(reloading: ReloadingRuntime, campaign: str, step: str) -> ResponseReturnValue:
    try:
        runtime = reloading.runtime()
        message = _message(runtime, _choice(runtime, f"{campaign}/{step}"))
    except (NurtureError, ValueError) as error:
        return Response(str(error), status=500, content_type="text/plain; charset=utf-8")
    pictures = {each.content_id: (each.content_type, each.content) for each in message.attachments}
    html = with_pictures(message.content.html, pictures)
    shown = in_scheme(html, LOOKS.get(request.args.get("look", ""), "light"))
    answer = Response(_HEAD.sub(lambda head: head[0] + '<base target="_blank">', shown, count=1))
    answer.headers["Content-Security-Policy"] = _MAIL_POLICY
    return answer


def _asset(reloading: ReloadingRuntime, kind: str) -> ResponseReturnValue:
    if kind not in {"css", "js"}:
        abort(404)
    return send_from_directory(
        reloading.last_good.settings.templates / "pages" / "preview", f"preview.{kind}", max_age=0
    )


def _choice(runtime: Runtime, mail: str) -> _Choice:
    found = find_mail(runtime.catalogue, mail)
    if isinstance(found, Refusal):
        abort(404)
    states = tuple(variants(sample_request(*found, "", runtime.clock())))
    persona, state = request.args.get("persona", ""), request.args.get("state", "")
    persona = persona if persona in PERSONAS else next(iter(PERSONAS))
    return _Choice(*found, persona, state if state in states else states[0], states)


def _message(runtime: Runtime, choice: _Choice) -> Message:
    mail_request = sample_request(choice.campaign, choice.step, PERSONAS[choice.persona], runtime.clock())
    return compose(runtime.mail_kit, variants(mail_request)[choice.state], "<sample@clinic.example>")


def _with_headers(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", _PAGE_POLICY)
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Cache-Control", "no-store")
    return response
