"""NURTURE_SMTP_URL taken apart: smtp://user:pass@host:587?tls=starttls."""

from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import parse_qs, unquote, urlsplit

from nurture.domain.errors import ConfigError

_FORM = "It looks like smtp://user:pass@host:587?tls=starttls (tls: none, starttls or implicit)."


class Tls(StrEnum):
    """How the connection is secured."""

    NONE = "none"
    STARTTLS = "starttls"
    IMPLICIT = "implicit"


@dataclass(frozen=True, slots=True)
class SmtpUrl:
    """Where the relay is and how to log in."""

    host: str
    port: int
    tls: Tls
    user: str = ""
    password: str = field(default="", repr=False)


def parse_smtp_url(text: str) -> SmtpUrl:
    """The parts of the URL; raises ConfigError without ever repeating the password."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
        given = parse_qs(parts.query, strict_parsing=bool(parts.query))
        (tls_word,) = given.pop("tls", [_default_tls(parts.scheme, port)])
        tls = Tls(tls_word)
    except ValueError as error:
        raise ConfigError(f"NURTURE_SMTP_URL cannot be understood. {_FORM}") from error
    surplus = given or port == 0 or parts.fragment or parts.path not in {"", "/"}
    if parts.scheme not in {"smtp", "smtps"} or not host or surplus:
        raise ConfigError(f"NURTURE_SMTP_URL cannot be understood. {_FORM}")
    defaults = {Tls.NONE: 25, Tls.STARTTLS: 587, Tls.IMPLICIT: 465}
    return SmtpUrl(host, port or defaults[tls], tls, unquote(parts.username or ""), unquote(parts.password or ""))


def _default_tls(scheme: str, port: int | None) -> str:
    """Secured unless it says otherwise: a password must never cross a network in the clear by oversight."""
    return Tls.IMPLICIT if scheme == "smtps" or port == 465 else Tls.STARTTLS
