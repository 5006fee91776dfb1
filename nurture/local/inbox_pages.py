"""The captured inbox as pages: what arrived, and each mail as HTML, text and source. For `up` and `demo` only."""

from pathlib import Path

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from nurture.local.maildir import CapturedMail, list_mail, read_mail

VIEWS = ("html", "text", "source")
# The mail is shown in a frame of its own that may run nothing and fetch nothing.
_MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox allow-popups"


def inbox_blueprint(mailbox: Path) -> Blueprint:
    """`/inbox`, `/inbox/<key>` and what they show."""
    pages = Blueprint("inbox", __name__, url_prefix="/inbox")

    @pages.get("")
    def index() -> ResponseReturnValue:
        to = request.args.get("to", "")
        mails = list_mail(mailbox)
        readers = sorted({mail.recipient for mail in mails})
        shown = [mail for mail in mails if to in {"", mail.recipient}]
        return render_template("pages/inbox/index.html", title="Inbox", mails=shown, readers=readers, to=to)

    @pages.get("/<key>")
    def mail(key: str) -> ResponseReturnValue:
        view = request.args.get("view", "html")
        found = _find(mailbox, key)
        source = found.source.decode(errors="replace")
        return render_template(
            "pages/inbox/mail.html", title=found.subject, mail=found, view=view, views=VIEWS, source=source
        )

    @pages.get("/<key>/html")
    def html(key: str) -> ResponseReturnValue:
        answer = Response(_find(mailbox, key).html, content_type="text/html; charset=utf-8")
        answer.headers["Content-Security-Policy"] = _MAIL_POLICY
        return answer

    @pages.get("/<key>/attachment/<int:number>")
    def attachment(key: str, number: int) -> ResponseReturnValue:
        attachments = _find(mailbox, key).attachments
        if number >= len(attachments):
            abort(404)
        filename, _, content = attachments[number]
        answer = Response(content, content_type="application/octet-stream")
        answer.headers.set("Content-Disposition", "attachment", filename=filename)
        return answer

    return pages


def _find(mailbox: Path, key: str) -> CapturedMail:
    return read_mail(mailbox, key) or abort(404)
