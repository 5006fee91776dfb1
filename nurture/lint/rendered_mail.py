"""What the rules are given, a rendered mail and its lint context, and what they return, violations. Knows no rule."""

from collections.abc import Mapping
from dataclasses import dataclass

from nurture.domain.message import Content, MailKind
from nurture.lint.finding import Level
from nurture.lint.page import Page

SUBJECT, TEXT, HTML = "subject.txt", "body.txt", "body.html"
#: Where the headers of every mail come from.
CONFIG = "nurture.toml"


@dataclass(frozen=True, slots=True)
class Violation:
    """One violation of a rule by a rendered mail: in which of its files, and a pattern that finds the place there.

    Where that occurs nowhere, `otherwise` does.
    """

    rule: str
    detail: str
    part: str = HTML
    needle: str = ""
    level: Level = Level.FAULT
    otherwise: str = ""


@dataclass(frozen=True, slots=True)
class LintContext:
    """What the rules must know of the clinic: where its own pages are, and the names that mail may not give away."""

    site: str
    domain: str
    reply_to: str
    address: str
    clinic: str
    clinicians: tuple[str, ...]
    #: In E.164, the first of them its own; and the country in which they are dialled.
    phones: tuple[str, ...]
    country: str
    #: Words that are private at this clinic, besides the usual ones.
    private_words: tuple[str, ...]
    articles: frozenset[str]
    #: The brand's colors by name.
    colors: Mapping[str, str]
    #: The pictures that mails can carry, and how many bytes each weighs.
    pictures: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class RenderedMail:
    """One mail as it is rendered for a reader of that name.

    With it the title of the calendar entry that it carries (or nothing), its HTML as the template wrote it, what the
    frame around each body says by itself, and whether it owes its reader a way out.
    """

    kind: MailKind
    name: str
    content: Content
    page: Page
    headers: tuple[tuple[str, str], ...]
    calendar_title: str
    context: LintContext
    raw: str
    frame: Mapping[str, str]
    is_of_drip: bool
