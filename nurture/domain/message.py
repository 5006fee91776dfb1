"""What a message is to its reader, and the finished mail as a value. Knows headers, not how they are encoded."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from nurture.domain.compliance import Compliance, misplaced, missing


class MailKind(StrEnum):
    """What a message is to its reader. It fixes headers, windows and the promise about retries."""

    REQUESTED = "requested"  #: asked for a moment ago; goes at any hour, and goes again when in doubt
    NURTURE = "nurture"  #: an article or invitation; at most once, and always with a way out
    VISIT = "visit"  #: about an appointment; goes again when in doubt, while still of use
    STAFF = "staff"  #: to the clinic itself


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A display name and an address, as they stand in From or To."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that travels with a message; with a content id, a picture that the HTML shows as `cid:` and that id."""

    filename: str
    content_type: str
    content: bytes
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """What a reader sees: the subject line and both bodies."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who writes to whom, under which identity and when."""

    sender: Mailbox
    recipient: Mailbox
    reply_to: str
    message_id: str
    date: datetime
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """The finished mail. One of a drip without a way out cannot be made, nor an appointment's mail that offers one.

    `starts_drip` says of a requested mail that articles and invitations follow it.
    """

    kind: MailKind
    envelope: Envelope
    content: Content
    attachments: tuple[Attachment, ...] = ()
    compliance: Compliance | None = None
    starts_drip: bool = False

    def __post_init__(self) -> None:
        if self.starts_drip and self.kind is not MailKind.REQUESTED:
            raise ValueError(f"a {self.kind} message starts no drip")
        rule = missing if self.starts_drip or self.kind is MailKind.NURTURE else misplaced
        fault = rule(self.envelope.headers, (self.content.text, self.content.html), self.compliance)
        if fault:
            raise ValueError(fault)
        if self.envelope.date.tzinfo is None:
            raise ValueError("a message needs an aware date")


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """The two ways out that a mail of a drip names: a page address (https) and a mail address."""

    url: str
    mailto: str


def kind_headers(
    kind: MailKind, list_id: str, unsubscribe: Unsubscribe, *, starts_drip: bool = False
) -> tuple[tuple[str, str], ...]:
    """The headers a kind owes its reader, or a requested mail that starts a drip.

    RFC 3834 5: mail sent by a program says so. RFC 2919 and RFC 8058 3.1: a list names itself and offers
    one-click unsubscribing, the page first because readers take the first they understand (RFC 2369 2).
    """
    automatic = (("Auto-Submitted", "auto-generated"),)
    if kind is not MailKind.NURTURE and not starts_drip:
        return automatic
    return (
        *automatic,
        ("List-Id", f"<{list_id}>"),
        ("List-Unsubscribe", f"<{unsubscribe.url}>, <mailto:{unsubscribe.mailto}>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
    )
