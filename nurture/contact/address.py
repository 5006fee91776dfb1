"""A mail address as people type it, in the one form we keep. Asks no DNS."""

import re

from nurture.domain.errors import Refusal
from nurture.domain.line import quoted

# RFC 5321 4.5.3.1: 64 octets for the local part, 254 for a usable address as a whole.
LOCAL_LIMIT, ADDRESS_LIMIT = 64, 254
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")


def parse_address(text: str) -> str | Refusal:
    """The address in the one form we keep it in: lower case, an international domain as punycode."""
    local, at, domain = text.strip().rpartition("@")
    host = ascii_domain(domain)
    # `=?` opens an encoded-word in an address just as in a name, and RFC 5322 allows it there.
    well_formed = at and _LOCAL.fullmatch(local) and "=?" not in local and len(local) <= LOCAL_LIMIT and host
    if not well_formed or len(local) + len(host) >= ADDRESS_LIMIT:
        return Refusal(
            "bad_address",
            f"{quoted(text)} is not an email address we can write to, so nothing was saved. Please check it.",
        )
    return f"{local.lower()}@{host}"


def ascii_domain(domain: str) -> str:
    """The domain in lower case as DNS knows it, or an empty string when it is not one.

    IDNA 2008 by way of UTS 46: under the rules of 2003, which Python itself knows, ß, a final sigma and the joiners
    fall away, and the mail goes to whoever owns the domain without them.
    """
    host = domain.lower() if domain.isascii() else _international(domain)
    labels = host.split(".")
    good = len(labels) > 1 and all(map(_LABEL.fullmatch, labels)) and not labels[-1].isdigit()
    return host if good else ""


def _international(domain: str) -> str:
    # Its tables are large, and most addresses need none.
    import idna  # noqa: PLC0415

    try:
        return idna.encode(domain, uts46=True).decode() if len(domain) < ADDRESS_LIMIT else ""
    except UnicodeError:
        return ""
