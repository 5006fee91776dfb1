"""config/nurture.toml and the environment, as one frozen value. Reads files and variables; opens no connection."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from nurture.config.brand_settings import Brand, read_brand
from nurture.config.environment import (
    broker_address,
    folder,
    is_of_this_machine,
    only_to,
    public_url,
    refuse_unknown_variables,
    secret,
    signup_key,
)
from nurture.config.privacy_settings import read_private_words
from nurture.config.toml_table import TomlTable, read_toml
from nurture.config.web_settings import Web, read_web
from nurture.config.window_table import read_window
from nurture.contact.phone import DEFAULT_COUNTRY, is_country
from nurture.domain.errors import Refusal
from nurture.domain.lead import parse_zone
from nurture.domain.nearest import did_you_mean
from nurture.domain.window import Window

_YEARLY, _DATE = re.compile(r"\d\d-\d\d"), re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Clinic:
    """Who the mail is from, as printed in it."""

    name: str
    phone: str
    clinician: str
    clinician_short: str
    address: str
    country: str
    zone: ZoneInfo
    holidays: frozenset[date]
    yearly_holidays: frozenset[tuple[int, int]]
    # Where else somebody of ours answers: a fax, a second clinic, a line for crises.
    other_phones: tuple[str, ...] = ()

    @property
    def phones(self) -> tuple[str, ...]:
        """Every number that a mail may name."""
        return (self.phone, *self.other_phones)


@dataclass(frozen=True, slots=True)
class Mail:
    """How mail is addressed."""

    from_name: str
    from_address: str
    reply_to: str
    # The header by which the relay takes a mail at most once, such as Resend-Idempotency-Key; empty when it has none.
    idempotency_header: str


@dataclass(frozen=True, slots=True)
class Worker:
    """How often beat asks for a sweep (seconds), how many processes deliver, over how many connections each."""

    sweep_seconds: float
    concurrency: int
    connections: int


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that may differ between two installations. Secrets never show in its repr."""

    home: Path
    var: Path
    clinic: Clinic
    brand: Brand
    mail: Mail
    web: Web
    # Besides those that are private everywhere.
    private_words: tuple[str, ...]
    visit_minutes: int
    visit_hours: Window
    worker: Worker
    # Where the front desk reads mail about calls, cancellations and replies; empty when nobody is to be told.
    desk_address: str
    public_url: str
    database_url: str = field(repr=False)
    broker_url: str = field(repr=False)
    smtp_url: str = field(repr=False)
    secret_keys: tuple[str, ...] = field(repr=False)
    signup_key: str = field(repr=False)
    clock_file: Path | None = None
    # While a rehearsal lasts, nobody else gets mail.
    only_to: frozenset[str] = frozenset()

    @property
    def templates(self) -> Path:
        """The folder of templates."""
        return self.home / "templates"

    @property
    def is_captured(self) -> bool:
        """Tell whether mail goes into the local inbox and none leaves the machine."""
        return self.smtp_url == ""

    @property
    def keeps_mail(self) -> bool:
        """Tell whether some mail stays in the local inbox."""
        return self.is_captured or bool(self.only_to)

    @property
    def inbox(self) -> Path:
        """The Maildir of the mail that stays on this machine."""
        return self.var / "inbox"

    @property
    def rehearsal(self) -> str:
        """What everyone must know while only some addresses get mail; empty when all do."""
        if not self.only_to:
            return ""
        named = "1 address" if len(self.only_to) == 1 else f"{len(self.only_to)} addresses"
        return f"NURTURE_ONLY_TO lets mail out to {named} alone, all other is kept in {self.inbox}"

    @property
    def is_production(self) -> bool:
        """Tell whether mail leaves the machine or readers come from elsewhere."""
        leaves = bool(self.smtp_url) and not is_of_this_machine(self.smtp_url)
        return leaves or not is_of_this_machine(self.public_url)


def load_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of the files in NURTURE_HOME; raises ConfigError naming the file and key, or the variable."""
    refuse_unknown_variables(environment)
    home = folder(environment, "NURTURE_HOME", Path())
    file = home / "config" / "nurture.toml"
    root = TomlTable(file, read_toml(file))
    clinic, brand, mail = root.table("clinic"), root.table("brand"), root.table("mail")
    web, visit, worker = root.table("web"), root.table("visit"), root.table("worker")
    privacy = root.table("privacy", optional=True)
    whole_clinic = _clinic(clinic)
    desk = root.table("desk", optional=True)
    settings = Settings(
        home=home,
        # The folder for everything that this installation writes.
        var=folder(environment, "NURTURE_VAR", home / "var"),
        clinic=whole_clinic,
        brand=read_brand(brand, home / "templates" / "images"),
        mail=_mail(mail),
        web=read_web(web),
        private_words=read_private_words(privacy),
        visit_minutes=visit.whole("minutes", least=5, most=480),
        visit_hours=_visit_hours(visit, whole_clinic),
        worker=Worker(
            worker.number("sweep_seconds", least=0.1, most=3600),
            worker.whole("concurrency", least=1, most=256),
            worker.whole("connections", least=1, most=50),
        ),
        desk_address=desk.address("address") if desk.text("address", "", empty=True) else "",
        public_url=public_url(environment),
        database_url=secret(environment, "NURTURE_DATABASE_URL"),
        broker_url=broker_address(environment),
        smtp_url=secret(environment, "NURTURE_SMTP_URL"),
        secret_keys=tuple(secret(environment, "NURTURE_SECRET_KEY").split()),
        signup_key=signup_key(environment),
        clock_file=Path(environment["NURTURE_CLOCK_FILE"]) if environment.get("NURTURE_CLOCK_FILE") else None,
        only_to=only_to(environment),
    )
    for table in (root, clinic, brand, mail, web, privacy, desk, visit, worker):
        table.refuse_unknown()
    return settings


def _visit_hours(table: TomlTable, clinic: Clinic) -> Window:
    """When visits are expected. A clinic that does not say is warned of its holidays alone."""
    if not table.has("hours"):
        return Window(holidays=clinic.holidays, yearly=clinic.yearly_holidays)
    return read_window(table.table("hours"), clinic.holidays, clinic.yearly_holidays)


def _clinic(table: TomlTable) -> Clinic:
    zone = parse_zone(table.text("zone"))
    if isinstance(zone, Refusal):
        hint = did_you_mean(table.text("zone"), available_timezones())
        raise table.error("zone", f"is not an IANA time zone such as America/Chicago{hint}")
    yearly = frozenset(day for day in table.texts("holidays") if _YEARLY.fullmatch(day))
    return Clinic(
        table.text("name"),
        table.text("phone"),
        table.text("clinician"),
        table.text("clinician_short"),
        table.text("address"),
        _country(table),
        zone,
        frozenset(_date(table, day) for day in table.texts("holidays") if day not in yearly),
        frozenset((day.month, day.day) for day in (_date(table, each) for each in yearly)),
        table.texts("other_phones"),
    )


def _country(table: TomlTable) -> str:
    country = table.text("country", DEFAULT_COUNTRY)
    # To know the default costs nothing; to look up another loads the numbers of the world.
    if country != DEFAULT_COUNTRY and not is_country(country):
        raise table.error("country", "must be two capital letters of ISO 3166, such as US, CA or GB")
    return country


def _mail(table: TomlTable) -> Mail:
    header = table.text("idempotency_header", empty=True)
    if header and not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{2,60}", header):
        raise table.error("idempotency_header", "must be the name of a mail header such as Resend-Idempotency-Key")
    return Mail(table.text("from_name"), table.address("from_address"), table.address("reply_to"), header)


def _date(table: TomlTable, day: str) -> date:
    """The day as a date; a yearly one in a leap year, because a holiday may fall on the 29th of February."""
    text = f"2000-{day}" if _YEARLY.fullmatch(day) else day
    try:
        # `fromisoformat` alone takes weeks and days without hyphens, too.
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise table.error("holidays", f"holds {day!r}, which is no day written as YYYY-MM-DD or MM-DD")
