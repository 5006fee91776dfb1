"""The environment's variables, and every key of config/nurture.toml with what stands there as it ships."""

import re
import tempfile
import tomllib
from functools import reduce
from operator import getitem
from pathlib import Path

from nurture.config.environment import SECRETS, VARIABLES
from nurture.config.settings import load_settings
from tests.conftest import ROOT
from tests.reference.known_keys import HEADER, known_keys
from tests.reference.markdown import code, page, table

FILE = ROOT / "config" / "nurture.toml"
ENVIRONMENT = """\
What everyone may read stands in `config/nurture.toml`. Servers and secrets come from the environment; each secret can also be a
file, named by the same variable with `_FILE` behind it."""
REFUSED = """\
A variable that begins with `NURTURE_` and is not in this table is refused, and so is every value that cannot be meant, by name
and with the nearest right one. Once mail leaves the machine or the public address is not this machine's, a secret key that can
be guessed (under 32 characters, few different ones, an example) is refused as well; this makes a good one:
`python3 -c "import secrets; print(secrets.token_urlsafe(32))"`"""
CONFIG = """\
A key that is not in these tables is refused by file and key, with the nearest right one, and so is every value that cannot be
meant. Files saved on Windows are read, byte-order mark and all. A running worker follows changes within seconds; the pages
read the file once."""
# What the file itself does not say of a key, because its name does.
WORDS = {
    "clinic.name": "as it stands in every mail",
    "clinic.phone": "the number in every mail",
    "clinic.clinician": "who signs, with titles",
    "clinic.clinician_short": "who signs, as people say it",
    "clinic.zone": "the IANA time zone in which visits are booked",
    "brand.accent": "of buttons",
    "brand.paper": "around the sheet",
    "brand.ink": "of the text",
    "brand.photo": "a portrait for the signature, like the logo",
    "mail.from_name": "the name that mail is from",
    "mail.from_address": "the address that mail is from; its domain also ends every Message-ID",
    "mail.reply_to": "where answers go",
    "visit.minutes": "how long a visit takes, from 5 to 480",
    "visit.hours.days": "the days, of `mon` to `sun`",
    "visit.hours.opens": "the first hour, such as `08:00`",
    "visit.hours.closes": "the hour by which the last visit ends",
    "visit.hours.holidays": "`false` where holidays are days like any other",
    "worker.sweep_seconds": "how often beat asks for a sweep, from 0.1 to 3600",
}


def settings() -> str:
    variables = ([code(name), *VARIABLES[name]] for name in VARIABLES)
    secret = "Secrets: " + ", ".join(code(f"{name}_FILE") for name in SECRETS) + "."
    return page(
        "Settings",
        f"## The environment\n\n{ENVIRONMENT}",
        table(("variable", "default", "meaning"), variables),
        secret,
        REFUSED,
        f"## config/nurture.toml\n\n{CONFIG}",
        *_config(),
    )


def config_keys() -> dict[str, set[str]]:
    """The keys that the program knows, by table; those of the head are the tables' own names."""
    with tempfile.TemporaryDirectory() as home:
        file = Path(home) / "config" / FILE.name
        file.parent.mkdir()

        def read(text: str) -> object:
            file.write_text(text)
            return load_settings({"NURTURE_HOME": home})

        return known_keys(FILE, read)


def _config() -> list[str]:
    known, said, values = config_keys(), remarks(FILE.read_text()), tomllib.loads(FILE.read_text())
    parts = []
    for name in [name for name in said if name in known]:
        shipped = reduce(getitem, name.split("."), values)
        keys = [key for key in (*shipped, *sorted(known[name] - shipped.keys())) if f"{name}.{key}" not in known]
        rows = ([code(key), _shown(shipped.get(key)), _meaning(f"{name}.{key}", said)] for key in keys)
        parts += [f"### [{name}]", *filter(None, [said[name]]), table(("key", "as shipped", "meaning"), rows)]
    return parts


def _meaning(key: str, said: dict[str, str]) -> str:
    meaning = said.get(key) or WORDS[key]
    assert not (said.get(key) and key in WORDS), f"{key} is explained twice"
    return meaning


def _shown(value: object) -> str:
    if isinstance(value, list) and len(value) > 8:
        return f"{len(value)} of them"
    return (
        "" if value is None else code(str(value).lower() if isinstance(value, bool) else repr(value).replace("'", '"'))
    )


def remarks(text: str) -> dict[str, str]:
    """By key (with its table) and by table, the comment above it and the one behind it, in the file's order."""
    said, above, name = dict[str, str](), list[str](), ""
    for line in text.splitlines():
        key, header = re.match(r"(\w+) *=", line), HEADER.match(line)
        if line.startswith("#"):
            above.append(line.strip("# "))
        elif key or header:
            behind = re.search(r" # +(.*)$", line)
            name = header[1] if header else name
            said[header[1] if header else f"{name}.{key[1]}"] = " ".join([*above, *([behind[1]] if behind else [])])
            above = []
        elif not line.strip():
            above = []
    return said
