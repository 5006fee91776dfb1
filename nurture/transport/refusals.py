"""What a relay's answer, or its silence, comes to as an outcome. Pure: speaks to no relay."""

import re
import smtplib

from nurture.domain.retry import Failure
from nurture.transport.outcome import Failed
from nurture.transport.replies import address_is_dead, is_policy

# Characters. Nobody reads more of a reply.
READ_CHARACTERS = 2000

_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_ADDRESS = re.compile(r"[^\s<>()\"':,;@]+@[^\s<>()\"':,;@]+")


def refused(code: int, text: str, failure: Failure) -> Failed:
    """What a reply of 4yz or 5yz comes to; `failure` tells what the relay was asked for."""
    if code // 100 == 4:
        return Failed(Failure.DEFERRED, text)
    if failure is not Failure.SENDER_REFUSED and is_policy(code, text):
        return Failed(Failure.POLICY_REFUSED, text)
    dead = failure is Failure.RECIPIENT_REFUSED and address_is_dead(code, text)
    return Failed(failure, text, address_is_dead=dead)


def away(error: OSError | UnicodeError) -> Failed:
    """What it means that no connection could be made: for this mail alone, or for every mail alike."""
    said = error_text(error)
    if isinstance(error, smtplib.SMTPServerDisconnected):
        # A busy relay hangs up, or greets with 4yz, and takes the next connection.
        return Failed(Failure.UNREACHABLE, said)
    if isinstance(error, smtplib.SMTPResponseException) and error.smtp_code // 100 != 5:
        return Failed(Failure.UNREACHABLE, said)
    if isinstance(error, smtplib.SMTPNotSupportedError) or not isinstance(error, smtplib.SMTPException | UnicodeError):
        return Failed(Failure.NO_RELAY, said)
    # It answers, and wants nothing from us: no service, no such login, no way to log in.
    return Failed(Failure.SENDER_REFUSED, said)


def error_text(error: OSError | UnicodeError) -> str:
    """What went wrong, in the relay's or the system's words."""
    text = getattr(error, "smtp_error", None) or getattr(error, "strerror", None) or str(error) or type(error).__name__
    return _legible(_decoded(text) if isinstance(text, bytes) else str(text))


def reply_text(code: int, reply: bytes) -> str:
    """What the relay said, legible and without addresses."""
    return _legible(f"{code} {_decoded(reply)}")


def _decoded(reply: bytes) -> str:
    """The reply as text; what is not UTF-8 (RFC 6531) is Latin-1, as relays were before there was a rule."""
    try:
        return reply.decode()
    except UnicodeDecodeError:
        return reply.decode("latin-1")


def _legible(text: str) -> str:
    # Replies quote addresses, whose place is in no log; PostgreSQL keeps no NUL. Whoever keeps the text cuts it once
    # the reader is out of it: what is cut before would no longer be recognised.
    return _ADDRESS.sub("(address)", _CONTROL.sub(" ", text))[:READ_CHARACTERS]
