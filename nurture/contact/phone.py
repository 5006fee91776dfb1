"""A phone number as people write it, and as any phone can dial it. Calls nobody."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from nurture.domain.errors import Refusal
from nurture.domain.line import one_line, quoted

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

#: Where a clinic is that names no country, as ISO 3166 writes it.
DEFAULT_COUNTRY = "US"
PHONE_LIMIT = 40
# What most of the world dials before the country's own number, and so writes.
_FROM_ABROAD = re.compile(r"^([^\d+(]*)\(?00[\s()./-]*(?=[1-9])")


@dataclass(frozen=True, slots=True)
class Phone:
    """The number as it was typed, extension and all, and in E.164; both empty when none was given."""

    typed: str = ""
    e164: str = ""


def parse_phone(text: str, country: str) -> Phone | Refusal:
    """The number, dialled from that country when it names none; empty when none was given."""
    typed = one_line(text, PHONE_LIMIT)
    if typed == "":
        return Phone()
    e164 = _dialled(typed, country) if typed else ""
    if not typed or not e164:
        return Refusal("bad_phone", f"{quoted(text)} is not a phone number, so nothing was saved. Please check it.")
    return Phone(typed, e164)


@cache
def phone_url(phone: str, country: str) -> str:
    """The clinic's number as a tel: address (RFC 3966); what cannot be read goes there by its digits."""
    return f"tel:{_dialled(phone, country) or ''.join(filter(str.isdigit, phone))}"


@cache
def dialled(phones: tuple[str, ...], country: str) -> tuple[str, ...]:
    """The numbers in E.164, without those that cannot be read."""
    return tuple(filter(None, (_dialled(each, country) for each in phones)))


@lru_cache(maxsize=1024)
def numbers_in(text: str, country: str) -> tuple[tuple[str, str], ...]:
    """Every number that can exist and that a text says: as it stands there, and in E.164."""
    import phonenumbers  # noqa: PLC0415

    found = phonenumbers.PhoneNumberMatcher(text, country)
    return tuple((each.raw_string, _as_e164(each.number)) for each in found)


def is_country(code: str) -> bool:
    """Tell whether numbers of that country can be read."""
    import phonenumbers  # noqa: PLC0415

    return code in phonenumbers.SUPPORTED_REGIONS


def _dialled(text: str, country: str) -> str:
    """The first number of the text in E.164, or an empty string. Without its area code it is none."""
    # Thirty milliseconds to load, and most commands read no number.
    import phonenumbers  # noqa: PLC0415

    number = _whole(text, country)
    # "817 220 6677 (after six)", and then "0044 20 7946 0018" where 011 is what is dialled.
    for written in (text, _FROM_ABROAD.sub(r"\1+", text)) if number is None else ():
        number = number or next((each.number for each in phonenumbers.PhoneNumberMatcher(written, country)), None)
    return _as_e164(number) if number else ""


def _as_e164(number: "PhoneNumber") -> str:
    import phonenumbers  # noqa: PLC0415

    written: str = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return written


def _whole(text: str, country: str) -> "PhoneNumber | None":
    """The number, when the whole text is one."""
    import phonenumbers  # noqa: PLC0415

    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    length = phonenumbers.is_possible_number_with_reason(number)
    return number if length == phonenumbers.ValidationResult.IS_POSSIBLE else None
