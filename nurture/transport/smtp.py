"""SMTP, one recipient a transaction, driven command by command so that every failure knows its side of the dot."""

import re
import smtplib
import time
from collections.abc import Callable

from nurture.domain.retry import Failure
from nurture.transport.conversation import Conversation, Timeouts, converse
from nurture.transport.outcome import Accepted, Failed, InDoubt, Outcome, Outgoing, Withdrawn
from nurture.transport.replies import address_is_dead, is_policy
from nurture.transport.smtp_url import SmtpUrl

# Relays hang up on idle connections, and some count the mails of one.
IDLE_SECONDS, MAILS_PER_CONNECTION = 20, 200
# Characters. Nobody reads more of a reply.
READ_CHARACTERS = 2000

_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_ADDRESS = re.compile(r"[^\s<>()\"':,;@]+@[^\s<>()\"':,;@]+")

# Every smtplib exception is an OSError, too.
_Lost = OSError


class _NoConnectionError(OSError):
    """There is no connection to the relay, for the reason that is its cause; no mail had anything to do with it."""


class SmtpTransport:
    """One connection to the relay, opened when first needed and kept while it works."""

    def __init__(self, url: SmtpUrl, timeouts: Timeouts | None = None) -> None:
        self._url, self._timeouts = url, timeouts or Timeouts()
        self._smtp: Conversation | None = None
        self._used_at, self._mails = 0.0, 0

    def hand_over(self, mail: Outgoing, before_dot: Callable[[], bool]) -> Outcome:
        """What came of it. Everything that fails before the dot is certain; after it, only an answer is."""
        ends_at = time.monotonic() + self._timeouts.before_dot
        try:
            smtp, refused = self._opened(mail, ends_at)
        except _NoConnectionError as error:
            return _away(error)
        except _Lost as error:
            self.close()
            return _unreachable(error)
        except Exception:
            # Whatever nobody foresaw leaves no transaction open for the next mail to fall into.
            if self._smtp is not None:
                self._hang_up(self._smtp)
            raise
        if refused is not None:
            return refused
        return self._body(smtp, mail, before_dot)

    def check(self) -> Outcome:
        """Whether the relay can be reached, secured and logged in to; no mail is involved."""
        try:
            self._connected(time.monotonic() + self._timeouts.before_dot)
        except _NoConnectionError as error:
            return _away(error)
        finally:
            self.close()
        return Accepted("ready")

    def close(self) -> None:
        """The connection is let go, politely when it still answers."""
        smtp, self._smtp = self._smtp, None
        if smtp is None:
            return
        try:
            if smtp.sock is not None:
                smtp.ends_at = time.monotonic() + 1
                smtp.quit()
        except _Lost:
            pass
        finally:
            smtp.close()

    def _opened(self, mail: Outgoing, ends_at: float) -> tuple[Conversation, Outcome | None]:
        """The relay waits for the mail, or refused it. A kept connection that turns out to be dead is no failure."""
        smtp = self._connected(ends_at)
        try:
            return smtp, self._envelope(smtp, mail)
        except _Lost:
            if self._mails <= 1:
                raise
        self.close()
        smtp = self._connected(ends_at)
        return smtp, self._envelope(smtp, mail)

    def _connected(self, ends_at: float) -> Conversation:
        idle = time.monotonic() - self._used_at
        if self._smtp is not None:
            self._smtp.ends_at = ends_at
            if self._mails >= MAILS_PER_CONNECTION or not _answers(self._smtp, idle):
                self.close()
        if self._smtp is None:
            try:
                self._smtp, self._mails = converse(self._url, self._timeouts, ends_at), 0
            except (_Lost, UnicodeError) as error:
                raise _NoConnectionError(_words(error)) from error
        self._used_at = time.monotonic()
        self._mails += 1
        return self._smtp

    def _envelope(self, smtp: Conversation, mail: Outgoing) -> Outcome | None:
        """None once the relay waits for the mail itself, else what it refused."""
        code, reply = smtp.docmd("MAIL", f"FROM:<{mail.sender}>")
        if code != 250:
            return self._refusal(smtp, code, reply, Failure.SENDER_REFUSED)
        code, reply = smtp.docmd("RCPT", f"TO:<{mail.recipient}>")
        if code not in {250, 251}:
            return self._refusal(smtp, code, reply, Failure.RECIPIENT_REFUSED)
        code, reply = smtp.docmd("DATA")
        if code != 354:
            return self._refusal(smtp, code, reply, Failure.MESSAGE_REFUSED)
        return None

    def _body(self, smtp: Conversation, mail: Outgoing, before_dot: Callable[[], bool]) -> Outcome:
        is_ours = False
        try:
            smtp.wait_for(self._timeouts.command, within=smtp.ends_at)
            smtp.send(_stuffed(mail.data))
            is_ours = before_dot()
        except _Lost as error:
            return _unreachable(error)
        finally:
            if not is_ours:
                self._hang_up(smtp)
        return self._dot(smtp) if is_ours else Withdrawn()

    def _hang_up(self, smtp: Conversation) -> None:
        """The connection is gone without a word: before the dot, that throws the mail away (RFC 5321 4.1.1.4)."""
        smtp.close()
        self._smtp = None

    def _dot(self, smtp: Conversation) -> Outcome:
        try:
            smtp.wait_for(self._timeouts.dot)
            smtp.send(b".\r\n")
            code, reply = smtp.getreply()
        except _Lost as error:
            self.close()
            return InDoubt(f"no answer after the final dot ({_words(error)})")
        self._used_at = time.monotonic()
        text = _text(code, reply)
        if code // 100 == 2:
            return Accepted(text)
        if code // 100 in {4, 5}:
            return _failed(code, text, Failure.MESSAGE_REFUSED)
        self.close()
        return InDoubt(f"an answer after the final dot that means nothing ({text})")

    def _refusal(self, smtp: Conversation, code: int, reply: bytes, failure: Failure) -> Outcome:
        text = _text(code, reply)
        # 421 announces that the relay hangs up (RFC 5321 3.8); anything outside 4yz and 5yz is not SMTP.
        if code == 421 or code // 100 not in {4, 5}:
            self.close()
            return Failed(Failure.DEFERRED, text)
        try:
            smtp.docmd("RSET")
        except _Lost:
            # It has said what it had to say.
            self._hang_up(smtp)
        return _failed(code, text, failure)


def _answers(smtp: Conversation, idle: float) -> bool:
    """Tell whether a kept connection is still good; one that was just used is not asked."""
    if smtp.sock is None:
        return False
    if idle < IDLE_SECONDS:
        return True
    try:
        return smtp.noop()[0] == 250
    except _Lost:
        return False


def _stuffed(data: bytes) -> bytes:
    """The mail with leading dots doubled (RFC 5321 4.5.2), up to but not including the final dot."""
    stuffed = data.replace(b"\r\n.", b"\r\n..")
    stuffed = b"." + stuffed if stuffed.startswith(b".") else stuffed
    return stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n"


def _failed(code: int, text: str, failure: Failure) -> Failed:
    if code // 100 == 4:
        return Failed(Failure.DEFERRED, text)
    if failure is not Failure.SENDER_REFUSED and is_policy(code, text):
        return Failed(Failure.POLICY_REFUSED, text)
    dead = failure is Failure.RECIPIENT_REFUSED and address_is_dead(code, text)
    return Failed(failure, text, address_is_dead=dead)


def _away(error: _NoConnectionError) -> Outcome:
    """What it means that no connection could be made: for this mail alone, or for every mail alike."""
    cause = error.__cause__
    if isinstance(cause, smtplib.SMTPServerDisconnected):
        # A busy relay hangs up, or greets with 4yz, and takes the next connection.
        return Failed(Failure.UNREACHABLE, str(error))
    if isinstance(cause, smtplib.SMTPResponseException) and cause.smtp_code // 100 != 5:
        return Failed(Failure.UNREACHABLE, str(error))
    if isinstance(cause, smtplib.SMTPNotSupportedError) or not isinstance(cause, smtplib.SMTPException | UnicodeError):
        return Failed(Failure.NO_RELAY, str(error))
    # It answers, and wants nothing from us: no service, no such login, no way to log in.
    return Failed(Failure.SENDER_REFUSED, str(error))


def _unreachable(error: OSError) -> Outcome:
    return Failed(Failure.UNREACHABLE, _words(error))


def _words(error: OSError | UnicodeError) -> str:
    text = getattr(error, "smtp_error", None) or getattr(error, "strerror", None) or str(error) or type(error).__name__
    return _legible(_decoded(text) if isinstance(text, bytes) else str(text))


def _text(code: int, reply: bytes) -> str:
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
