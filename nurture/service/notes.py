"""What staff should know of a lead, in their own words."""

from nurture.domain.errors import Refusal
from nurture.domain.lead import Lead, parse_note
from nurture.runtime import Runtime
from nurture.store.notes import add_note


def note(runtime: Runtime, lead: Lead, text: str) -> str | Refusal:
    """The remark is on record, as one line; returns it."""
    words = parse_note(text)
    if isinstance(words, Refusal):
        return words
    with runtime.database.begin() as connection:
        add_note(connection, lead.id, words, runtime.clock())
    return words
