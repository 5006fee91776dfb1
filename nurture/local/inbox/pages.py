"""The captured inbox as pages: what arrived, and each mail as HTML, text and source. For `up` and `demo` only."""

import re
from functools import partial
from pathlib import Path

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from nurture.local.inbox.maildir import CapturedMail, html_with_pictures, list_mail, read_mail
from nurture.web.hosts import refuse_other_names

VIEWS = ("html", "text", "source")
# The mail is shown in a frame of its own that may run nothing and fetch nothing. Its links open beside the inbox.
_SANDBOX = "allow-popups allow-popups-to-escape-sandbox"
_MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'self'; "
    f"sandbox {_SANDBOX}"
)
_HEAD = re.compile(r"<head\b[^>]*>", re.IGNORECASE)


def inbox_blueprint(mailbox: Path, templates: Path | None = None) -> Blueprint:
    """`/inbox`, `/inbox/<key>` and what they show; `templates` is needed where the application has no such pages."""
    pages = Blueprint("inbox", __name__, url_prefix="/inbox", template_folder=templates and str(templates))
    # Whatever public address the installation has, its captured mail is for this machine alone.
    pages.before_request(refuse_other_names)
    pages.add_url_rule("", view_func=partial(_index, mailbox), endpoint="index")
    pages.add_url_rule("/<key>", view_func=partial(_mail, mailbox), endpoint="mail")
    pages.add_url_rule("/<key>/html", view_func=partial(_html, mailbox), endpoint="html")
    pages.add_url_rule("/<key>/attachment/<int:number>", view_func=partial(_attachment, mailbox), endpoint="attachment")
    return pages


def _index(mailbox: Path) -> ResponseReturnValue:
    to = request.args.get("to", "")
    mails = list_mail(mailbox)
    readers = sorted({reader for mail in mails for reader in mail.recipients} | ({to} - {""}))
    shown = [mail for mail in mails if to in {"", *mail.recipients}]
    return render_template("pages/inbox/index.html", title="Inbox", mails=shown, readers=readers, to=to)


def _mail(mailbox: Path, key: str) -> ResponseReturnValue:
    found = _find(mailbox, key)
    views = VIEWS if found.html else VIEWS[1:]
    wanted = request.args.get("view", "")
    return render_template(
        "pages/inbox/mail.html",
        title=found.subject or "No subject",
        mail=found,
        view=wanted if wanted in views else views[0],
        views=views,
        source=found.source.decode(errors="replace"),
        sandbox=_SANDBOX,
    )


def _html(mailbox: Path, key: str) -> ResponseReturnValue:
    shown = _HEAD.sub(lambda head: head[0] + '<base target="_blank">', html_with_pictures(_find(mailbox, key)), 1)
    answer = Response(shown, content_type="text/html; charset=utf-8")
    answer.headers["Content-Security-Policy"] = _MAIL_POLICY
    return answer


def _attachment(mailbox: Path, key: str, number: int) -> ResponseReturnValue:
    attachments = _find(mailbox, key).attachments
    if number >= len(attachments):
        abort(404)
    filename, _, content = attachments[number]
    answer = Response(content, content_type="application/octet-stream")
    answer.headers.set("Content-Disposition", "attachment", filename=filename)
    return answer


def _find(mailbox: Path, key: str) -> CapturedMail:
    return read_mail(mailbox, key) or abort(404)
