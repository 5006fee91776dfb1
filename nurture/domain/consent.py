"""What a person agreed to, and the one predicate that says whether they may be written to. SQL may narrow it."""

from dataclasses import dataclass
from hashlib import sha256

from nurture.domain.errors import Refusal
from nurture.domain.message import MailKind

LONGEST_REASON = 200

#: The facts for which a person must not be written to, or cannot, and which kinds each holds back.
HOLDS: dict[str, frozenset[MailKind]] = {
    "no_address": frozenset({MailKind.REQUESTED, MailKind.NURTURE, MailKind.VISIT}),
    "unsubscribed": frozenset({MailKind.NURTURE}),
    "bounced": frozenset({MailKind.REQUESTED, MailKind.NURTURE, MailKind.VISIT}),
    "complained": frozenset({MailKind.REQUESTED, MailKind.NURTURE, MailKind.VISIT}),
    "suppressed": frozenset({MailKind.REQUESTED, MailKind.NURTURE, MailKind.VISIT}),
}


#: What a person said or did, and so holds at any address of theirs. That one address is dead says nothing of another.
PERSONAL = frozenset({"unsubscribed", "complained", "suppressed"})


@dataclass(frozen=True, slots=True)
class Consent:
    """Exactly the words somebody agreed to, and the page or command that showed them."""

    wording: str
    page: str

    @property
    def version(self) -> str:
        """A fingerprint of the words: the same for the same words alone."""
        return sha256(self.wording.encode()).hexdigest()[:12]


def may_send(kind: MailKind, facts: frozenset[str]) -> str | None:
    """None when a message of this kind may go, else the suppression that holds it back."""
    return next((reason for reason in HOLDS if reason in facts and kind in HOLDS[reason]), None)


def may_enrol(facts: frozenset[str]) -> bool:
    """Tell whether staff may begin a campaign for a person: not if they said no, wrote back or cannot be reached."""
    return "replied" not in facts and may_send(MailKind.NURTURE, facts) is None


def parse_reason(text: str) -> str | Refusal:
    """Why staff change what a person may be sent, in one line with single spaces."""
    reason = " ".join(text.split())
    if reason and reason.isprintable() and len(reason) <= LONGEST_REASON:
        return reason
    sentence = f"Say in one line of at most {LONGEST_REASON} letters how they asked for it. Nothing was changed."
    return Refusal("bad_reason", sentence)
