"""One mail in the form in which it crosses the wire (RFC 5321 3.3). Pure."""

from dataclasses import dataclass

from nurture.transport.outcome import Outgoing


@dataclass(frozen=True, slots=True)
class Transaction:
    """The commands and the body of one mail; the ticket is what its caller knows it by."""

    ticket: int
    mail: bytes
    rcpt: bytes
    # Dots doubled, its last line ended; the final dot is not part of it.
    body: bytes


def transaction(ticket: int, outgoing: Outgoing) -> Transaction:
    """The mail, ready to be said to a relay.

    Raises UnicodeError for an address that is not ASCII (no relay is asked for RFC 6531), and ValueError for one that
    would end its command early.
    """
    if not (outgoing.sender + outgoing.recipient).isprintable():
        raise ValueError("an address may not contain a line end")
    mail, rcpt = f"MAIL FROM:<{outgoing.sender}>\r\n", f"RCPT TO:<{outgoing.recipient}>\r\n"
    return Transaction(ticket, mail.encode("ascii"), rcpt.encode("ascii"), stuffed(outgoing.data))


def stuffed(data: bytes) -> bytes:
    """The mail with leading dots doubled (RFC 5321 4.5.2), up to but not including the final dot."""
    doubled = data.replace(b"\r\n.", b"\r\n..")
    doubled = b"." + doubled if doubled.startswith(b".") else doubled
    return doubled if doubled.endswith(b"\r\n") else doubled + b"\r\n"
