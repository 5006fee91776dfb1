"""People by part of what is known of them, however it is written."""

import re
import unicodedata
from dataclasses import dataclass

# Fewer digits would be part of nearly every phone.
_FEWEST_DIGITS = 3
_PHONE = re.compile(r"[\d\s()+./x-]+")
# An extension, as the number that it follows.
_EXTENSION = re.compile(r"(?:extension|ext\.?|(?<![a-z])x|#)\s*(?=\d)")


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

    @property
    def says_too_little(self) -> bool:
        """Tell whether it is so few digits that no phone is looked for by them."""
        return self.text.strip().isdecimal() and len(self.text.strip()) < _FEWEST_DIGITS

    def _is_in_phone(self, known: Known) -> bool:
        text = _with_x(self.text)
        number, _, extension = text.partition("x")
        # What is dialled before an area code at home, or before a country's from abroad, stands in no other spelling.
        digits = _digits(number).lstrip("0")
        if not _PHONE.fullmatch(text) or (len(digits) < _FEWEST_DIGITS and (digits or not extension)):
            return False
        at, _, its_extension = _with_x(known.phone).partition("x")
        is_there = any(digits in _digits(phone) for phone in (at, known.phone_e164))
        return is_there and _digits(its_extension).startswith(_digits(extension))


def _folded(text: str) -> str:
    """The letters and digits alone, without case and accents, as people compare names."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKD", text.casefold())))


def _with_x(phone: str) -> str:
    """The phone with an x before its extension, however that is written."""
    return _EXTENSION.sub("x", phone.casefold())


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, unicodedata.normalize("NFKC", text)))
