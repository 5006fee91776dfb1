"""Text that strangers type: made into one line, or quoted so that it can do no harm."""

import re
import unicodedata

_QUOTED = 60


def one_line(text: str, limit: int) -> str | None:
    """The text with single plain spaces; None when it is longer than `limit` or could break a header."""
    # A no-break or an ideographic space parts words, too: `first_name` must find where the first one ends.
    spaced = "".join(" " if unicodedata.category(character) == "Zs" else character for character in text)
    line = re.sub(" +", " ", unicodedata.normalize("NFC", spaced)).strip()
    # `=?` opens an RFC 2047 encoded-word: some Python versions decode one into a real header (CVE-2024-6923).
    good = "=?" not in line and len(line) <= limit and all(map(_is_printable, line))
    return line if good else None


def quoted(text: str, limit: int = _QUOTED) -> str:
    """The text as it may be quoted back: short, and with nothing that could move a cursor."""
    start = text[:limit]
    return f"“{start}”" if start.isprintable() else ascii(start)


def _is_printable(character: str) -> bool:
    """Tell letters and marks from controls, line separators and lone surrogates, on any Python version.

    Joiners and direction marks (Cf) are part of real names in several scripts, so only the
    controls that break or reorder a line are refused.
    """
    category = unicodedata.category(character)
    overrides = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
    return category not in {"Cc", "Cs", "Zl", "Zp", "Co", "Cn"} and character not in overrides
