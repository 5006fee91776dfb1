"""SMTP, one recipient a transaction, driven command by command so that every failure knows its side of the dot."""

import time
from collections.abc import Callable

from nurture.domain.retry import Failure
from nurture.transport.conversation import Conversation, Timeouts, converse
from nurture.transport.line import IDLE_SECONDS, MAILS_PER_LINE
from nurture.transport.outcome import Accepted, Failed, InDoubt, Journal, Outcome, Outgoing, Withdrawn
from nurture.transport.pool import Pool
from nurture.transport.refusals import away, error_text, refused, reply_text
from nurture.transport.smtp_url import SmtpUrl
from nurture.transport.transaction import stuffed

# Every smtplib exception is an OSError, too.
_Lost = OSError


class _NoConnectionError(OSError):
    """There is no connection to the relay, for that cause; no mail had anything to do with it."""

    def __init__(self, cause: OSError | UnicodeError) -> None:
        super().__init__(error_text(cause))
        self.cause = cause


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
            smtp, refusal = self._opened(mail, ends_at)
        except _NoConnectionError as error:
            return away(error.cause)
        except _Lost as error:
            self.close()
            return Failed(Failure.UNREACHABLE, error_text(error))
        except Exception:
            # Whatever nobody foresaw leaves no transaction open for the next mail to fall into.
            if self._smtp is not None:
                self._hang_up(self._smtp)
            raise
        if refusal is not None:
            return refusal
        return self._body(smtp, mail, before_dot)

    def pool(self, connections: int, journal: Journal) -> Pool:
        """So many connections to the same relay, none of them open yet."""
        return Pool(self._connect, connections, journal, self._timeouts)

    def check(self) -> Outcome:
        """Whether the relay can be reached, secured and logged in to; no mail is involved."""
        try:
            self._connected(time.monotonic() + self._timeouts.before_dot)
        except _NoConnectionError as error:
            return away(error.cause)
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

    def _connect(self) -> Conversation:
        return converse(self._url, self._timeouts, time.monotonic() + self._timeouts.before_dot)

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
            if self._mails >= MAILS_PER_LINE or not _answers(self._smtp, idle):
                self.close()
        if self._smtp is None:
            try:
                self._smtp, self._mails = converse(self._url, self._timeouts, ends_at), 0
            except (_Lost, UnicodeError) as error:
                raise _NoConnectionError(error) from error
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
            smtp.send(stuffed(mail.data))
            is_ours = before_dot()
        except _Lost as error:
            return Failed(Failure.UNREACHABLE, error_text(error))
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
            return InDoubt(f"no answer after the final dot ({error_text(error)})")
        self._used_at = time.monotonic()
        text = reply_text(code, reply)
        if code // 100 == 2:
            return Accepted(text)
        if code // 100 in {4, 5}:
            return refused(code, text, Failure.MESSAGE_REFUSED)
        self.close()
        return InDoubt(f"an answer after the final dot that means nothing ({text})")

    def _refusal(self, smtp: Conversation, code: int, reply: bytes, failure: Failure) -> Outcome:
        text = reply_text(code, reply)
        # 421 announces that the relay hangs up (RFC 5321 3.8); anything outside 4yz and 5yz is not SMTP.
        if code == 421 or code // 100 not in {4, 5}:
            self.close()
            return Failed(Failure.DEFERRED, text)
        try:
            smtp.docmd("RSET")
        except _Lost:
            # It has said what it had to say.
            self._hang_up(smtp)
        return refused(code, text, failure)


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
