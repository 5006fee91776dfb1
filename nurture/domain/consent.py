"""The one predicate that says whether a person may be written to. SQL may narrow candidates; it never decides."""

from nurture.domain.message import Kind

#: The facts for which an address must not be written to, and which kinds each holds back.
HOLDS: dict[str, frozenset[Kind]] = {
    "unsubscribed": frozenset({Kind.NURTURE}),
    "bounced": frozenset({Kind.REQUESTED, Kind.NURTURE, Kind.VISIT}),
    "complained": frozenset({Kind.REQUESTED, Kind.NURTURE, Kind.VISIT}),
    "suppressed": frozenset({Kind.REQUESTED, Kind.NURTURE, Kind.VISIT}),
}


def may_send(kind: Kind, facts: frozenset[str]) -> str | None:
    """None when a message of this kind may go, else the suppression that holds it back."""
    return next((reason for reason in HOLDS if reason in facts and kind in HOLDS[reason]), None)
