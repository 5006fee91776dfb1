"""One connection's side of SMTP as a pure state machine: bytes and mails go in, bytes and outcomes come out.

Where a relay offers PIPELINING (RFC 2920), MAIL, RCPT and DATA of a mail are said in one breath, and behind the final
dot of one mail the envelope of the next: DATA may end a group, so a mail takes one round trip. What then comes back is
told apart by its order alone, so every reply that is waited for stands in a queue.

    said       MAIL RCPT DATA     body     . MAIL RCPT DATA     body     .
    heard            250 250 354             250 250 250 354             250

A slot stops by itself before each dot, `is_ready`, and goes on when it is told `dot`. Everything before the dot is
certain; after it, only an answer is. It holds no socket and reads no clock: see pool.py.
"""

from collections import deque
from collections.abc import Iterator
from enum import StrEnum

from nurture.domain.retry import Failure
from nurture.transport.outcome import Accepted, Failed, InDoubt, Outcome
from nurture.transport.refusals import refused, reply_text
from nurture.transport.reply_reader import ReplyReader
from nurture.transport.transaction import Transaction

Result = tuple[Transaction, Outcome]


class Verb(StrEnum):
    """What a reply is waited for."""

    RSET = "RSET"
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    DOT = "DOT"


_ENVELOPE = (Verb.MAIL, Verb.RCPT, Verb.DATA)
_WELCOME = {Verb.MAIL: {250}, Verb.RCPT: {250, 251}, Verb.DATA: {354}}
_REFUSED = {Verb.MAIL: Failure.SENDER_REFUSED, Verb.RCPT: Failure.RECIPIENT_REFUSED, Verb.DATA: Failure.MESSAGE_REFUSED}


class Slot:
    """At most two mails are in it: one whose dot is out, and the one behind it."""

    def __init__(self, *, pipelines: bool) -> None:
        self.pipelines = pipelines
        self._reader = ReplyReader()
        self._expected: deque[tuple[Verb, Transaction | None]] = deque()
        self._unsaid: deque[Verb] = deque()
        self._owes_reset = False
        # The mail whose envelope or body is under way, and the one whose dot is out.
        self.mail: Transaction | None = None
        self.dotted: Transaction | None = None
        self._refusal: Outcome | None = None
        self.is_ready = self.has_heard = self.is_closing = False
        #: What is to be written; whoever writes takes it from the front.
        self.unwritten = bytearray()

    @property
    def is_idle(self) -> bool:
        """Nothing is in it, and it takes a mail."""
        return self.mail is None and self.dotted is None and not self._expected and not self.is_closing

    def begin(self, mail: Transaction) -> None:
        """The envelope of this mail is on its way. Call while it is idle, or right after `dot`."""
        self.mail, self._refusal, self.has_heard = mail, None, False
        self._unsaid.extend((Verb.RSET, *_ENVELOPE) if self._owes_reset else _ENVELOPE)
        self._owes_reset = False
        self._say()

    def dot(self, following: Transaction | None) -> None:
        """The mail can no longer be called back; where the relay `pipelines`, another may follow right behind it."""
        self.dotted, self.mail, self.is_ready = self.mail, None, False
        self.unwritten += b".\r\n"
        self._expected.append((Verb.DOT, self.dotted))
        if following is not None:
            self.begin(following)

    def take_back(self) -> Transaction | None:
        """The mail behind a dot that stays unanswered, of which no word but its envelope has left; the slot closes."""
        if self.dotted is None or self.mail is None:
            return None
        mail, self.mail = self.mail, None
        return mail

    def hear(self, data: bytes) -> Iterator[Result]:
        """What came of mails by what the relay says; raises OSError for a reply without an end."""
        for code, text in self._reader.read(data):
            if self.is_closing:
                return
            yield from self._heard(code, text)

    def lost(self, words: str) -> Iterator[Result]:
        """What came of the mails in it, now that the connection is gone for that reason."""
        self.is_closing, self.is_ready = True, False
        if self.dotted is not None:
            yield self.dotted, InDoubt(f"no answer after the final dot ({words})")
        if self.mail is not None:
            yield self.mail, self._refusal or Failed(Failure.UNREACHABLE, words)
        self.mail = self.dotted = None

    def _heard(self, code: int, text: bytes) -> Iterator[Result]:
        if not self._expected:
            # Nobody asked: 421 before it hangs up (RFC 5321 3.8), or nothing that SMTP knows.
            yield from self.lost(reply_text(code, text))
            return
        verb, about = self._expected.popleft()
        match verb:
            case Verb.DOT:
                yield from self._answered(code, reply_text(code, text))
            case Verb.RSET:
                pass
            case _ if about is not self.mail:
                # It was taken back; what follows is somebody else's word.
                self.is_closing = True
            case _:
                self.has_heard = True
                yield from self._of_envelope(verb, code, text)
        self._say()

    def _of_envelope(self, verb: Verb, code: int, text: bytes) -> Iterator[Result]:
        if self._refusal is None and code not in _WELCOME[verb]:
            said = reply_text(code, text)
            if code == 421 or code // 100 not in {4, 5}:
                # 421 announces that the relay hangs up (RFC 5321 3.8); anything outside 4yz and 5yz is not SMTP.
                self._refusal, self.is_closing = Failed(Failure.DEFERRED, said), True
            else:
                self._refusal, self._owes_reset = refused(code, said, _REFUSED[verb]), True
                self._unsaid.clear()
        elif verb is Verb.DATA and self._refusal is not None and code == 354:
            # It waits for a body all the same. An empty one would be a mail, so the connection ends here.
            self.is_closing = True
        if self._refusal is not None and (self.is_closing or not self._expects_more()):
            yield from self._over()
        elif verb is Verb.DATA and self._refusal is None and self.mail is not None:
            self.unwritten += self.mail.body
            self.is_ready = True

    def _expects_more(self) -> bool:
        return any(about is self.mail for _, about in self._expected)

    def _over(self) -> Iterator[Result]:
        mail, refusal = self.mail, self._refusal
        self.mail = self._refusal = None
        if mail is not None and refusal is not None:
            yield mail, refusal

    def _answered(self, code: int, said: str) -> Iterator[Result]:
        mail, self.dotted = self.dotted, None
        if mail is None:
            return
        if code // 100 == 2:
            yield mail, Accepted(said)
        elif code // 100 in {4, 5}:
            yield mail, refused(code, said, Failure.MESSAGE_REFUSED)
        else:
            yield mail, InDoubt(f"an answer after the final dot that means nothing ({said})")
        if code == 421 or code // 100 not in {2, 4, 5}:
            yield from self.lost(said)
        elif self.mail is None and self._expected:
            # The one behind it was taken back, and its late 354 must find nobody.
            self.is_closing = True

    def _say(self) -> None:
        """The next commands are on their way: all of them, or one when the relay wants to answer each."""
        while self._unsaid and (self.pipelines or not self._expected) and not self.is_closing:
            verb = self._unsaid.popleft()
            self.unwritten += self._words(verb)
            self._expected.append((verb, self.mail))

    def _words(self, verb: Verb) -> bytes:
        if self.mail is None or verb in {Verb.RSET, Verb.DATA}:
            return f"{verb}\r\n".encode()
        return self.mail.mail if verb is Verb.MAIL else self.mail.rcpt
