"""The NURTURE_* variables: which there are, and what each may say. Refuses by name; reads no file but secrets."""

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from nurture.contact.address import parse_address
from nurture.domain.errors import ConfigError, Refusal
from nurture.domain.nearest import did_you_mean
from nurture.domain.secret_key import HOW_TO_MAKE_ONE, weakness_of

#: Each of these may also be a file, named by the same variable with _FILE behind it.
SECRETS = (
    "NURTURE_DATABASE_URL",
    "NURTURE_BROKER_URL",
    "NURTURE_SMTP_URL",
    "NURTURE_SECRET_KEY",
    "NURTURE_SIGNUP_KEY",
)
#: Each variable: what holds where it says nothing, and what it is for.
VARIABLES: dict[str, tuple[str, str]] = {
    "NURTURE_HOME": ("the current folder", "where `config/`, `templates/` and `var/` are"),
    "NURTURE_VAR": (
        "`var/` in the home",
        "where everything is written, closed to other users of the machine but for `reports/`",
    ),
    "NURTURE_PUBLIC_URL": ("`http://127.0.0.1:8000`", "how readers reach the pages"),
    "NURTURE_ONLY_TO": (
        "everybody",
        "for a rehearsal on real data: only these addresses (`me@clinic.example, you@clinic.example`) get mail",
    ),
    "NURTURE_CLOCK_FILE": (
        "the system's clock",
        "a file with an instant at which every process's clock stands (the demo's)",
    ),
    "NURTURE_DATABASE_URL": ("SQLite in `var/`", "`postgresql://user:pass@host/name`"),
    "NURTURE_BROKER_URL": ("a private Valkey in `var/`", "`redis://host:6379/0`"),
    "NURTURE_SMTP_URL": (
        "the captured inbox",
        "`smtp://user:pass@host:587?tls=starttls` (`tls`: `none`, `starttls`, `implicit`)",
    ),
    "NURTURE_SECRET_KEY": (
        "made once, in `var/`",
        (
            "signs links; to rotate, put a new word behind the old: the last signs, all are accepted, the first keys "
            "address hashes and stays first"
        ),
    ),
    "NURTURE_SIGNUP_KEY": (
        "none",
        "the clinic's own server says it when it posts to `/signup`, and is then limited by mailbox alone",
    ),
}
_KNOWN = (*VARIABLES, *(f"{name}_FILE" for name in SECRETS))
# Written into every container beside a service that is called nurture; nobody has typed them.
_KUBERNETES = re.compile(r"NURTURE_(SERVICE_(HOST|PORT(_\w+)?)|PORT(_\d+_\w+)?)")
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_BROKERS = ("redis", "rediss", "redis+socket", "sentinel")


def refuse_unknown_variables(environment: Mapping[str, str]) -> None:
    """Raise ConfigError when a NURTURE_* variable says something and nobody would ever read it."""
    for name, value in environment.items():
        if name.upper().startswith("NURTURE_") and value and name not in _KNOWN and not _KUBERNETES.fullmatch(name):
            hint = did_you_mean(name.upper(), _KNOWN)
            known = f"Known: {', '.join(VARIABLES)}; each secret also as a file, with _FILE behind its name"
            raise ConfigError(f"{name} is not a variable that Nurture knows{hint}{_end(hint)} {known}.")


def secret(environment: Mapping[str, str], name: str) -> str:
    """The value of the variable, or of the file that NAME_FILE points to; empty when neither is set."""
    given, file = environment.get(name, "").strip(), environment.get(f"{name}_FILE", "")
    if given and file:
        raise ConfigError(f"{name} and {name}_FILE are both set. Unset one of them.")
    if not file:
        return given
    try:
        text = Path(file).read_text(encoding="utf-8-sig").strip()
    except OSError as error:
        raise ConfigError(f"{name}_FILE points to {file}, which cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{name}_FILE points to {file}, which is not saved as UTF-8.") from error
    if not text:
        raise ConfigError(f"{name}_FILE points to {file}, which is empty.")
    return text


def folder(environment: Mapping[str, str], name: str, default: Path) -> Path:
    """The folder that the variable names, whether it is there or not; raises ConfigError when that is a file."""
    place = Path(environment.get(name) or default).resolve()
    if place.exists() and not place.is_dir():
        raise ConfigError(f"{name} is {str(place)!r}, which is not a folder. Nothing was changed.")
    return place


def public_url(environment: Mapping[str, str]) -> str:
    """How readers reach the pages, without a slash at its end; this machine's own address when nothing is said."""
    url = environment.get("NURTURE_PUBLIC_URL", "").rstrip("/")
    if not url:
        return "http://127.0.0.1:8000"
    parts = _split(url)
    if not parts or not re.fullmatch(r"https?://[^/\s?#@]+(/[^\s?#]*)?", url):
        raise ConfigError(f"NURTURE_PUBLIC_URL is {url!r}; it must look like https://reports.example.com.")
    # RFC 8058 3.1: a mail program presses the unsubscribe button over https alone.
    if parts.scheme == "http" and not is_of_this_machine(url):
        raise ConfigError(f"NURTURE_PUBLIC_URL is {url!r}; anything but this machine itself must be reached by https.")
    return url


def broker_address(environment: Mapping[str, str]) -> str:
    """The broker that is configured, or nothing; raises ConfigError without ever repeating the password."""
    urls = secret(environment, "NURTURE_BROKER_URL")
    # Several sentinels stand in one variable, with a semicolon between them.
    for url in urls.split(";") if urls else ():
        parts = _split(url)
        if not parts or parts.scheme not in _BROKERS:
            hint = did_you_mean(url.partition(":")[0], _BROKERS)
            form = "It looks like redis://user:pass@host:6379/0."
            raise ConfigError(f"NURTURE_BROKER_URL cannot be understood{hint}{_end(hint)} {form}")
    return urls


def only_to(environment: Mapping[str, str]) -> frozenset[str]:
    """The addresses that alone get mail while a rehearsal lasts; empty when everybody does.

    Of all variables this one may not be empty: it would let every mail out that it was set to keep in.
    """
    given = environment.get("NURTURE_ONLY_TO")
    if given is None:
        return frozenset()
    addresses = {word: parse_address(word) for word in given.replace(",", " ").split()}
    for word, address in addresses.items():
        if isinstance(address, Refusal):
            raise ConfigError(f"NURTURE_ONLY_TO holds {word!r}, which is no mail address. Nothing was sent.")
    if not addresses:
        raise ConfigError("NURTURE_ONLY_TO names nobody. Name who may get mail, or unset it. Nothing was sent.")
    return frozenset(address for address in addresses.values() if isinstance(address, str))


def signup_key(environment: Mapping[str, str]) -> str:
    """The word by which the clinic's own server is known, or nothing; raises ConfigError for one easily guessed."""
    key = secret(environment, "NURTURE_SIGNUP_KEY")
    weakness = weakness_of(key) if key else None
    if weakness:
        raise ConfigError(f"NURTURE_SIGNUP_KEY can be guessed: it {weakness}. `{HOW_TO_MAKE_ONE}` makes a good one.")
    return key


def is_of_this_machine(url: str) -> bool:
    """Tell whether the address is one that no other machine can reach."""
    parts = _split(url)
    return parts is not None and parts.hostname in _LOOPBACK


def _split(url: str) -> SplitResult | None:
    """The parts of an address; None when it has no host, or a port that no machine has."""
    try:
        parts = urlsplit(url)
        usable = (parts.hostname and parts.port != 0) or parts.scheme == "redis+socket"
    except ValueError:
        return None
    return parts if usable else None


def _end(hint: str) -> str:
    return "" if hint.endswith("?") else "."
