"""A Message as the bytes that travel: CRLF line ends, no line over 998, no header folded into encoded-words.

What mails share (addresses, subjects, the lines of a template) is encoded once and kept, bounded, by its own text.
"""

import base64
import binascii
import re
from email.header import Header
from email.utils import format_datetime, formataddr
from functools import lru_cache

from nurture.contact.address import ascii_domain
from nurture.domain.message import Attachment, Envelope, Mailbox, Message

# In quoted-printable an equals sign is followed by hex or a line end, in base64 it ends the line: no body holds these.
_MIXED, _ALTERNATIVE, _RELATED = "=_mixed", "=_alternative", "=_related"
_MOST_HEADERS, _MOST_LINES = 1024, 8192
_PRINTABLE = re.compile(r"[\x20-\x7e]*")
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]|=\?")
_FILENAME = re.compile(r"[A-Za-z0-9._ -]+")
# RFC 5322 2.1.1, the line end not counted.
_LONGEST_LINE = 998
_LINE_END = "\r\n"
# RFC 2045 6.7 (5), a soft break included.
LONGEST_QUOTED_LINE = 76


def serialise(message: Message) -> bytes:
    """The message as bytes; raises ValueError when a header could not be carried safely."""
    return head(message.envelope, message.content.subject) + body(message)


def body(message: Message, holes: re.Pattern[str] | None = None) -> bytes:
    """What follows the headers. In its texts, what `holes` matches (in one group) stands between NULs, on a line of its
    own that soft breaks join to the others: so whatever is put there needs no other line to be broken anew.
    """
    # The last is the best (RFC 2046 5.1.4), and only there do Outlook and Gmail see an invitation (RFC 6047 2.4).
    invitations = (_invitation(each) for each in message.attachments if _is_calendar(each))
    bodies = (_text("plain", message.content.text, holes), _html(message, holes), *invitations)
    alternative = _multipart("alternative", _ALTERNATIVE, bodies)
    files = tuple(_file(each) for each in message.attachments if not each.content_id)
    return _multipart("mixed", _MIXED, (alternative, *files)) if files else alternative


def head(envelope: Envelope, subject: str) -> bytes:
    """The headers of the message, each on a line; raises ValueError when one could not be carried safely."""
    return b"".join(
        (
            _mailbox("From", envelope.sender),
            _mailbox("To", envelope.recipient),
            _mailbox("Reply-To", Mailbox("", envelope.reply_to)) if envelope.reply_to else b"",
            _subject(subject),
            _plain("Date", format_datetime(envelope.date)),
            _plain("Message-ID", envelope.message_id),
            *(_plain(name, value) for name, value in envelope.headers),
            b"MIME-Version: 1.0\r\n",
        )
    )


def _html(message: Message, holes: re.Pattern[str] | None) -> bytes:
    html = _text("html", message.content.html, holes)
    images = tuple(_file(each) for each in message.attachments if each.content_id)
    return _multipart('related; type="text/html"', _RELATED, (html, *images)) if images else html


def _multipart(subtype: str, boundary: str, parts: tuple[bytes, ...]) -> bytes:
    """The parts between boundaries, with the header that announces them (RFC 2046 5.1)."""
    edge = f"--{boundary}\r\n".encode()
    head = f'Content-Type: multipart/{subtype}; boundary="{boundary}"\r\n\r\n'.encode()
    return head + b"".join(edge + part + b"\r\n" for part in parts) + f"--{boundary}--\r\n".encode()


def _text(subtype: str, text: str, holes: re.Pattern[str] | None) -> bytes:
    head = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    pieces = holes.split(text) if holes else [text]
    quoted = [b"\0%b\0" % each.encode() if at % 2 else quoted_text(each) for at, each in enumerate(pieces)]
    return head.encode() + b"=\r\n".join(map(_breakable, quoted))


def quoted_text(text: str) -> bytes:
    """The text as quoted-printable (RFC 2045 6.7), its lines apart."""
    return b"\r\n".join(map(_quoted, text.replace("\r", "").split("\n")))


def _breakable(quoted: bytes) -> bytes:
    """The same, with room for one more sign in the last line: a soft break."""
    start = quoted.rfind(b"\n") + 1
    if len(quoted) - start < LONGEST_QUOTED_LINE:
        return quoted
    # Within an escape no line may end.
    cut = len(quoted) - 4
    cut += next(back for back in range(3) if quoted[cut + back - 2 : cut + back].find(b"=") < 0)
    return quoted[:cut] + b"=\r\n" + quoted[cut:]


@lru_cache(_MOST_LINES)
def _quoted(line: str) -> bytes:
    """The line as quoted-printable (RFC 2045 6.7): most lines of a template are the same in every mail."""
    # Inlined lines pass 998 characters, so 8bit would be illegal (RFC 5321 4.5.3.1.6).
    return binascii.b2a_qp(line.encode()).replace(b"=\n", b"=\r\n")


def _is_calendar(attachment: Attachment) -> bool:
    return attachment.content_type.startswith("text/calendar")


def _invitation(attachment: Attachment) -> bytes:
    """The calendar as a body; its type names what it asks for (RFC 6047 2.4)."""
    return _base64(attachment.content_type, attachment.content)


def _file(attachment: Attachment) -> bytes:
    """An attachment, or a picture that the HTML shows by its content id (RFC 2392)."""
    if not _FILENAME.fullmatch(attachment.filename):
        raise ValueError(f"{attachment.filename!r} is not a name that a file in a mail can have")
    if attachment.content_id:
        place = f'inline; filename="{attachment.filename}"\r\nContent-ID: <{attachment.content_id}>'
    else:
        place = f'attachment; filename="{attachment.filename}"'
    # The invitation stands among the bodies; a second of its type would make a second entry.
    is_calendar = _is_calendar(attachment)
    content_type = f'application/ics; name="{attachment.filename}"' if is_calendar else attachment.content_type
    return _base64(content_type, attachment.content, f"Content-Disposition: {place}\r\n")


def _base64(content_type: str, content: bytes, more: str = "") -> bytes:
    head = f"Content-Type: {content_type}\r\nContent-Transfer-Encoding: base64\r\n{more}\r\n"
    return head.encode("ascii") + base64.encodebytes(content).replace(b"\n", b"\r\n")


def _mailbox(name: str, mailbox: Mailbox) -> bytes:
    address = ascii_address(mailbox.address)
    if mailbox.name.isascii():
        return _plain(name, formataddr((mailbox.name, address)))
    return _worded(name, mailbox.name) + f" <{address}>\r\n".encode()


def _subject(text: str) -> bytes:
    return _plain("Subject", text) if text.isascii() else _worded("Subject", text) + b"\r\n"


def ascii_address(address: str) -> str:
    """The address with its domain in the form that DNS knows (RFC 5891); a local part has no such form."""
    local, _, domain = address.rpartition("@")
    host = domain if domain.isascii() else ascii_domain(domain)
    if not host or not local.isascii() or _UNSAFE.search(address):
        raise ValueError("the address cannot be carried in a header")
    return f"{local}@{host}"


@lru_cache(_MOST_HEADERS)
def _worded(name: str, text: str) -> bytes:
    """The header up to its last line's end, its text in encoded-words of at most 75 characters (RFC 2047 2)."""
    _refuse_controls(text)
    # The older Header, because the newer policies lose or invent spaces between the words of a long name.
    return f"{name}: {Header(text, 'utf-8', header_name=name).encode(linesep=_LINE_END)}".encode("ascii")


def _plain(name: str, value: str) -> bytes:
    """The header as it is, on one line, never folded: encoded-words would break what programs read in it."""
    _refuse_controls(value)
    line = f"{name}: {value}"
    if not _PRINTABLE.fullmatch(value) or len(line) > _LONGEST_LINE:
        raise ValueError(f"the header {name} cannot be carried on one line of ASCII")
    return line.encode() + b"\r\n"


def _refuse_controls(value: str) -> None:
    """Refuse what some Python version would turn into a second header (CVE-2024-6923)."""
    if _UNSAFE.search(value):
        raise ValueError("a header value holds a control character or an encoded-word")
