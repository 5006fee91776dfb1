"""People by part of what is known of them, however it is written."""

import re
import unicodedata
from dataclasses import dataclass

# Fewer digits would be part of nearly every phone.
_FEWEST_DIGITS = 3
_PHONE = re.compile(r"[\d\s()+./-]+")


@dataclass(frozen=True, slots=True)
class Known:
    """What a lead can be found by."""

    lead_id: int
    email: str
    name: str
    phone: str
    phone_e164: str


@dataclass(frozen=True, slots=True)
class Sought:
    """Part of a name, an address or a phone."""

    text: str

    def is_part_of(self, known: Known) -> bool:
        """Tell whether the lead has this: every word in the name, or all of it in the address or the phone."""
        words = [_folded(word) for word in re.split(r"[\s,]+", self.text)]
        name = _folded(known.name)
        in_name = any(words) and all(word in name for word in words)
        in_address = self.text.strip() != "" and self.text.strip().casefold() in known.email
        return in_name or in_address or self._is_in_phone(known)

    def _is_in_phone(self, known: Known) -> bool:
        # What is dialled before an area code at home, or before a country's from abroad, stands in no other spelling.
        digits = _digits(self.text).lstrip("0")
        if not _PHONE.fullmatch(self.text) or len(digits) < _FEWEST_DIGITS:
            return False
        return any(digits in _digits(phone) for phone in (known.phone, known.phone_e164))


def _folded(text: str) -> str:
    """The letters and digits alone, without case and accents, as people compare names."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKD", text.casefold())))


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, unicodedata.normalize("NFKC", text)))
