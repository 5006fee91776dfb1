"""A person we may write to, and the checks a typed-in name, word or zone must pass. Address and phone: see contact."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from nurture.domain.errors import Refusal
from nurture.domain.line import one_line, quoted

NAME_LIMIT, WORD_LIMIT, NOTE_LIMIT = 100, 64, 1000
# No top-level domain is shorter than two letters, so initials may stand together: "J.R. Smith".
_LINK = re.compile(r"[/@]|www\.|[^\s.]\.\w[^\s.,]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Lead:
    """A person we may write to, or phone: `email` is empty for whoever gave no address."""

    id: int
    public_id: str
    email: str
    name: str
    phone: str
    phone_e164: str
    zone: ZoneInfo
    topics: frozenset[str]
    source: str
    created_at: datetime

    @property
    def first_name(self) -> str:
        """The name to greet with, or an empty string when none was given."""
        return self.name.split(" ")[0]

    @property
    def known_as(self) -> str:
        """The address, or whatever else tells staff who this is."""
        return self.email or self.phone or self.name


def parse_name(text: str) -> str | Refusal:
    """The name on one line, with single spaces; refused when it could forge a mail header or be taken for a link."""
    name = one_line(text, NAME_LIMIT)
    if name is None:
        return Refusal(
            "bad_name",
            f"That name cannot be used, so nothing was saved. Please give one line of at most {NAME_LIMIT} letters.",
        )
    # Anybody can type in a stranger's address, and mail programs make a link of whatever looks like one.
    if _LINK.search(unicodedata.normalize("NFKC", name)):
        return Refusal(
            "bad_name",
            "That name looks like a link or an address, so nothing was saved. Please give only the name.",
        )
    return name


def parse_word(text: str, what: str) -> str | Refusal:
    """The source or topic (`what` says which) as one short line, trimmed."""
    word = one_line(text, WORD_LIMIT)
    if word is None:
        return Refusal(
            f"bad_{what}",
            f"That {what} cannot be used, so nothing was saved. Give one short word of at most {WORD_LIMIT} letters.",
        )
    return word


def parse_note(text: str) -> str | Refusal:
    """The remark as one line."""
    note = one_line(" ".join(text.split()), NOTE_LIMIT)
    if not note:
        return Refusal("bad_note", f"Write the note as one line of at most {NOTE_LIMIT} letters. Nothing was noted.")
    return note


def parse_zone(text: str) -> ZoneInfo | Refusal:
    """The IANA time zone of that name."""
    try:
        # Casefolding file systems would accept "america/chicago"; the database's own spelling is asked for.
        if "/" in text or text == "UTC":
            return ZoneInfo(text)
    except (LookupError, ValueError, OSError):
        pass
    return Refusal(
        "bad_zone",
        f"There is no time zone named {quoted(text)}, so nothing was done. Use a name such as America/Chicago.",
    )
