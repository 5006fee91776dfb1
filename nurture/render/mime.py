"""A Message as the bytes that travel: CRLF line ends, no line over 998, no header folded into encoded-words."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from nurture.domain.message import Attachment, Mailbox, Message

# RFC 5322 2.1.1. Folding at 78 would turn a long List-Unsubscribe into encoded-words, and break its button.
_WHOLE_LINES = SMTP.clone(max_line_length=998)


def serialise(message: Message) -> bytes:
    """The message as bytes; raises ValueError when a header could not be carried safely."""
    envelope = message.envelope
    mail = EmailMessage(policy=SMTP)
    mail["From"] = _address(envelope.sender)
    mail["To"] = _address(envelope.recipient)
    if envelope.reply_to:
        mail["Reply-To"] = _address(Mailbox("", envelope.reply_to))
    mail["Subject"] = _safe(message.content.subject)
    mail["Date"] = format_datetime(envelope.date)
    mail["Message-ID"] = envelope.message_id
    for name, value in envelope.headers:
        mail[name] = _safe(value)
    # Inlined lines pass 998 characters, so 8bit would be illegal (RFC 5321 4.5.3.1.6).
    mail.set_content(message.content.text, cte="quoted-printable")
    mail.add_alternative(message.content.html, subtype="html", cte="quoted-printable")
    for attachment in message.attachments:
        _attach(mail, attachment)
    return mail.as_bytes(policy=_WHOLE_LINES)


def _attach(mail: EmailMessage, attachment: Attachment) -> None:
    content_type, *parameters = [part.strip() for part in attachment.content_type.split(";")]
    maintype, _, subtype = content_type.partition("/")
    mail.add_attachment(
        attachment.content,
        maintype=maintype,
        subtype=subtype,
        filename=attachment.filename,
        params=dict(parameter.split("=", 1) for parameter in parameters),
    )


def _address(mailbox: Mailbox) -> Address:
    return Address(display_name=_safe(mailbox.name), addr_spec=mailbox.address)


def _safe(value: str) -> str:
    """The value, refused when some Python version would turn it into a second header (CVE-2024-6923)."""
    if "=?" in value or any(ord(character) < 32 or character in "\x7f\x85\u2028\u2029" for character in value):
        raise ValueError("a header value holds a control character or an encoded-word")
    return value
