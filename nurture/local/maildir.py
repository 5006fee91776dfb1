"""Reads the captured inbox: every mail as a value, taken apart for people to look at."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default
from email.utils import parsedate_to_datetime
from pathlib import Path

_KEY = re.compile(r"\d{20}\.\d+_\d{6}\.inbox")


@dataclass(frozen=True, slots=True)
class CapturedMail:
    """One mail that reached the inbox. `sent_at` is its Date header, in UTC."""

    key: str
    sent_at: datetime
    sender: str
    recipient: str
    subject: str
    message_id: str
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str
    attachments: tuple[tuple[str, str, bytes], ...]
    source: bytes


def list_mail(directory: Path) -> list[CapturedMail]:
    """Every mail in the inbox, the latest first."""
    files = (directory / "new").glob("*.inbox")
    mails = [_read(file) for file in files if _KEY.fullmatch(file.name)]
    return sorted(mails, key=lambda mail: (mail.sent_at, mail.key), reverse=True)


def read_mail(directory: Path, key: str) -> CapturedMail | None:
    """The mail with that key, or None when there is none."""
    file = directory / "new" / key
    return _read(file) if _KEY.fullmatch(key) and file.is_file() else None


def _read(file: Path) -> CapturedMail:
    source = file.read_bytes()
    mail = message_from_bytes(source, policy=default)
    if not isinstance(mail, EmailMessage):
        raise TypeError("the default policy makes EmailMessage")
    return CapturedMail(
        key=file.name,
        sent_at=_sent_at(mail),
        sender=str(mail["X-Envelope-From"] or ""),
        recipient=str(mail["X-Envelope-To"] or ""),
        subject=str(mail["Subject"] or ""),
        message_id=str(mail["Message-ID"] or "").strip(),
        headers=tuple((name, str(value)) for name, value in mail.items()),
        text=_body(mail, "plain"),
        html=_body(mail, "html"),
        attachments=tuple(map(_attachment, mail.iter_attachments())),
        source=source,
    )


def _attachment(part: "Message[str, str]") -> tuple[str, str, bytes]:
    content = part.get_payload(decode=True)
    return part.get_filename() or "file", part.get_content_type(), content if isinstance(content, bytes) else b""


def _sent_at(mail: EmailMessage) -> datetime:
    try:
        return parsedate_to_datetime(str(mail["Date"])).astimezone(UTC)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)


def _body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    return str(part.get_content()) if part is not None else ""
