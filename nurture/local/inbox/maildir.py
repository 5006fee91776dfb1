"""Reads the captured inbox: every mail as a value, taken apart for people to look at. Changes nothing in it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default
from email.utils import parsedate_to_datetime
from functools import lru_cache
from pathlib import Path

from nurture.render.pictures import with_pictures

_KEY = re.compile(r"\d{20}\.\d+_\d{6,}\.inbox")
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class CapturedMail:
    """One mail that reached the inbox. `sent_at` is its Date header, in UTC."""

    key: str
    sent_at: datetime
    sender: str
    recipients: tuple[str, ...]
    subject: str
    message_id: str
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str | None
    attachments: tuple[tuple[str, str, bytes], ...]
    source: bytes

    @property
    def recipient(self) -> str:
        """Everyone on the envelope, in one line."""
        return ", ".join(self.recipients)


def list_mail(directory: Path) -> list[CapturedMail]:
    """Every mail in the inbox, the latest first."""
    files = (directory / "new").glob("*.inbox")
    mails = [_read(file) for file in files if _KEY.fullmatch(file.name)]
    return sorted(mails, key=lambda mail: (mail.sent_at, mail.key), reverse=True)


def read_mail(directory: Path, key: str) -> CapturedMail | None:
    """The mail with that key, or None when there is none."""
    file = directory / "new" / key
    return _read(file) if _KEY.fullmatch(key) and file.is_file() else None


def html_with_pictures(mail: CapturedMail) -> str:
    """The mail's HTML with the pictures it carries along (`cid:`) written into it."""
    parts = {cid: part for part in _leaves(_parse(mail.source)) if (cid := _content_id(part))}
    pictures = {cid: (part.get_content_type(), _content(part)) for cid, part in parts.items()}
    return with_pictures(mail.html or "", pictures)


# A mail in the inbox never changes, and a page that refreshes itself asks for all of them every few seconds.
@lru_cache(maxsize=512)
def _read(file: Path) -> CapturedMail:
    source = file.read_bytes()
    mail = _parse(source)
    return CapturedMail(
        key=file.name,
        sent_at=_sent_at(mail),
        sender=str(mail["X-Envelope-From"] or ""),
        recipients=tuple(str(mail["X-Envelope-To"] or "").split(", ")),
        subject=str(mail["Subject"] or "").strip(),
        message_id=str(mail["Message-ID"] or "").strip(),
        headers=tuple((name, str(value)) for name, value in mail.items()),
        text=_body(mail, "plain") or "",
        html=_body(mail, "html"),
        attachments=tuple(map(_attachment, _attached(mail))),
        source=source,
    )


def _parse(source: bytes) -> EmailMessage:
    mail = message_from_bytes(source, policy=default)
    if not isinstance(mail, EmailMessage):
        raise TypeError("the default policy makes EmailMessage")
    return mail


def _leaves(mail: EmailMessage) -> Iterator["Message[str, str]"]:
    return (part for part in mail.walk() if not part.is_multipart())


def _attached(mail: EmailMessage) -> Iterator["Message[str, str]"]:
    """Every part but the bodies and the pictures in them; a calendar beside the bodies, unless it is also a file."""
    bodies = (mail.get_body(("plain",)), mail.get_body(("html",)))
    parts = [part for part in _leaves(mail) if part not in bodies and not _is_picture(part)]
    files = {_content(part) for part in parts if part.get_filename()}
    return (part for part in parts if part.get_filename() or _content(part) not in files)


def _is_picture(part: "Message[str, str]") -> bool:
    return bool(_content_id(part)) and part.get_content_disposition() != "attachment"


def _attachment(part: "Message[str, str]") -> tuple[str, str, bytes]:
    return part.get_filename() or "file", part.get_content_type(), _content(part)


def _content(part: "Message[str, str]") -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _content_id(part: "Message[str, str]") -> str:
    return str(part["Content-ID"] or "").strip().strip("<>")


def _sent_at(mail: EmailMessage) -> datetime:
    try:
        sent_at = parsedate_to_datetime(str(mail["Date"]))
    except ValueError:
        return _LONG_AGO
    # "-0000" says UTC without a zone, and parses to a naive instant.
    return sent_at.astimezone(UTC) if sent_at.tzinfo else sent_at.replace(tzinfo=UTC)


def _body(mail: EmailMessage, kind: str) -> str | None:
    part = mail.get_body((kind,))
    if part is None:
        return None
    try:
        return str(part.get_content())
    except LookupError:
        # A charset that nobody knows.
        return _content(part).decode(errors="replace")
