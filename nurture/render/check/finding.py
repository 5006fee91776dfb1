"""A mail under inspection, and what is said against it, as values. Knows no rule."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from nurture.domain.message import Content, Kind
from nurture.render.check.page import Page

SUBJECT, TEXT, HTML = "subject.txt", "body.txt", "body.html"


@dataclass(frozen=True, slots=True)
class Finding:
    """One objection to the templates, at a file (relative to the home) and a line; `mail` is one that shows it."""

    file: str
    line: int
    rule: str
    detail: str
    mail: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class Objection:
    """One objection to a rendered mail: in which of the three files, and a pattern that finds the place there."""

    rule: str
    detail: str
    part: str = HTML
    needle: str = ""


@dataclass(frozen=True, slots=True)
class Ground:
    """What the rules must know of the house: where its own pages are, and the names that mail may not give away."""

    site: str
    domain: str
    reply_to: str
    address: str
    clinic: str
    clinicians: tuple[str, ...]
    articles: frozenset[str]
    #: The pictures that mails can carry, and how many bytes each weighs.
    pictures: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Specimen:
    """One rendered mail under inspection, with the title of the calendar entry it carries (or nothing)."""

    kind: Kind
    content: Content
    page: Page
    calendar_title: str
    ground: Ground
