"""A person we may write to, and the checks a typed-in address, name, phone or zone must pass."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from nurture.domain.errors import Refusal

NAME_LIMIT, WORD_LIMIT = 100, 64
# RFC 5321 4.5.3.1: 64 octets for the local part, 254 for a usable address as a whole.
LOCAL_LIMIT, ADDRESS_LIMIT = 64, 254
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
# No top-level domain is shorter than two letters, so initials may stand together: "J.R. Smith".
_LINK = re.compile(r"[/@]|www\.|[^\s.]\.\w[^\s.,]", re.IGNORECASE)
_PHONE = re.compile(r"\+?[0-9][0-9 ().-]{5,24}(x[0-9]{1,6})?")


@dataclass(frozen=True, slots=True)
class Lead:
    """A person we may write to."""

    id: int
    public_id: str
    email: str
    name: str
    phone: str
    zone: ZoneInfo
    topics: frozenset[str]
    source: str
    created_at: datetime

    @property
    def first_name(self) -> str:
        """The name to greet with, or an empty string when none was given."""
        return self.name.split(" ")[0]


def parse_address(text: str) -> str | Refusal:
    """The address in the one form we keep it in: lower case, an international domain as punycode."""
    local, at, domain = text.strip().rpartition("@")
    host = _ascii_domain(domain)
    # `=?` opens an encoded-word in an address just as in a name, and RFC 5322 allows it there.
    well_formed = at and _LOCAL.fullmatch(local) and "=?" not in local and len(local) <= LOCAL_LIMIT and host
    if not well_formed or len(local) + len(host) >= ADDRESS_LIMIT:
        return Refusal(
            "bad_address",
            f"{_shown(text)} is not an email address we can write to, so nothing was saved. Please check it.",
        )
    return f"{local.lower()}@{host}"


def parse_name(text: str) -> str | Refusal:
    """The name on one line, with single spaces; refused when it could forge a mail header or be taken for a link."""
    name = _one_line(text)
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
    word = _one_line(text)
    if word is None or len(word) > WORD_LIMIT:
        return Refusal(
            f"bad_{what}",
            f"That {what} cannot be used, so nothing was saved. Give one short word of at most {WORD_LIMIT} letters.",
        )
    return word


def parse_phone(text: str) -> str | Refusal:
    """The phone number as it was typed, trimmed; empty when none was given."""
    phone = text.strip()
    if phone and not _PHONE.fullmatch(phone):
        return Refusal("bad_phone", f"{_shown(text)} is not a phone number, so nothing was saved. Please check it.")
    return phone


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
        f"There is no time zone named {_shown(text)}, so nothing was done. Use a name such as America/Chicago.",
    )


def _one_line(text: str) -> str | None:
    """The text with single plain spaces; None when it is long or could break a header."""
    # A no-break or an ideographic space parts words, too: `first_name` must find where the first one ends.
    spaced = "".join(" " if unicodedata.category(character) == "Zs" else character for character in text)
    line = re.sub(" +", " ", unicodedata.normalize("NFC", spaced)).strip()
    # `=?` opens an RFC 2047 encoded-word: some Python versions decode one into a real header (CVE-2024-6923).
    good = "=?" not in line and len(line) <= NAME_LIMIT and all(map(_is_printable, line))
    return line if good else None


def _ascii_domain(domain: str) -> str:
    """The domain in lower case ASCII, or an empty string when it is not one."""
    try:
        host = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""
    labels = host.split(".")
    good = len(labels) > 1 and all(map(_LABEL.fullmatch, labels)) and not labels[-1].isdigit()
    return host if good else ""


def _is_printable(character: str) -> bool:
    """Tell letters and marks from controls, line separators and lone surrogates, on any Python version.

    Joiners and direction marks (Cf) are part of real names in several scripts, so only the
    controls that break or reorder a line are refused.
    """
    category = unicodedata.category(character)
    overrides = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
    return category not in {"Cc", "Cs", "Zl", "Zp", "Co", "Cn"} and character not in overrides


def _shown(text: str) -> str:
    """The text as it may be quoted back: short, and with nothing that could move a cursor."""
    return ascii(text[:60]) if not text[:60].isprintable() else f"“{text[:60]}”"
