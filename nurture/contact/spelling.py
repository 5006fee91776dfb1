"""Slips in a mail address that lead nowhere, and what was probably meant. Asks no DNS.

A question and never a verdict: whoever typed the address may be right.
"""

from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

#: Where most people have their mail, by names long enough that what is one letter away is a slip.
_PROVIDERS = (
    *("gmail.com", "googlemail.com", "yahoo.com", "ymail.com", "rocketmail.com", "hotmail.com", "outlook.com"),
    *("icloud.com", "comcast.net", "verizon.net", "charter.net", "sbcglobal.net", "bellsouth.net", "earthlink.net"),
    *("windstream.net", "frontier.com", "optonline.net", "suddenlink.net", "protonmail.com", "proton.me", "gmx.net"),
)
# Too many companies are one letter away from these, so only their ends are looked at.
_SHORT = ("aol.com", "msn.com", "live.com", "att.net", "cox.net")
# As near to those as a slip, and right.
_RIGHT = frozenset({"mail.com", "email.com", "protonmail.ch", "gmx.com"})
#: What an end that does not exist was meant to be; `example` stands for itself (RFC 2606 3).
_ENDS = ("com", "net", "org", "edu", "gov", "mil", "info", "biz", "example")
# One letter of nine left out, doubled or wrong, or two changed over; hotmail.com.br, which exists, is further off.
_NEAR = 0.885
# The same in an end of three letters.
_NEAR_END = 0.6


def probably_meant(address: str) -> str:
    """The address that was probably meant instead of this one; empty when nothing speaks against it."""
    local, _, domain = address.rpartition("@")
    if domain in _RIGHT:
        return ""
    name, _, end = domain.rpartition(".")
    nearest = _with_another_end(name, end) or get_close_matches(domain, _PROVIDERS, n=1, cutoff=_NEAR)
    ends = [] if _exists(end) else get_close_matches(end, _ENDS, n=1, cutoff=_NEAR_END)
    meant = next(iter([*nearest, *(f"{name}.{each}" for each in ends)]), domain)
    return "" if meant == domain else f"{local}@{meant}"


def _with_another_end(name: str, end: str) -> list[str]:
    """The provider of that name, when its end is as near as a slip, or com and net are mixed up.

    Who works for comcast.com is asked once, as many more mean their mailbox at comcast.net.
    """
    for provider in (*_PROVIDERS, *_SHORT):
        its_name, _, its_end = provider.rpartition(".")
        is_mixed_up = provider in _PROVIDERS and {end, its_end} == {"com", "net"}
        if its_name == name and end != its_end and (is_mixed_up or get_close_matches(end, [its_end], 1, _NEAR_END)):
            return [provider]
    return []


def _exists(end: str) -> bool:
    """Tell whether domains can end in this."""
    return end in _ENDS or _suffixes().publicsuffix(f"domain.{end}") is not None


@cache
def _suffixes() -> "PublicSuffixList":
    # Thirty milliseconds, for the few addresses with an uncommon end.
    from publicsuffixlist import PublicSuffixList  # noqa: PLC0415

    return PublicSuffixList(accept_unknown=False)
