"""templates/articles and templates/reports as values: what stands between the lines `+++`, and the Markdown below."""

import re
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

from nurture.config.toml_table import TomlTable
from nurture.domain.errors import ConfigError

# Where the Markdown of an article or report holds this, it shows the report's red flags.
_RED_FLAGS = re.compile(r"^\{\{ *red_flags *\}\}$", re.MULTILINE)
_ADDRESS = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class RedFlag:
    """Signs that should not wait, and what to do about any of them."""

    do: str
    signs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Article:
    """One piece of writing a campaign can send; `body` is Markdown."""

    name: str
    title: str
    subject: str
    preheader: str
    summary: str
    minutes: int
    topics: frozenset[str]
    body: str

    @property
    def wants_red_flags(self) -> bool:
        """Tell whether the body has a place for the red flags of a report."""
        return _RED_FLAGS.search(self.body) is not None

    def with_red_flags(self, report: "Report") -> "Article":
        """The article with the red flags of that report where its body has a place for them."""
        return replace(self, body=_shown(self.body, report.red_flags))


@dataclass(frozen=True, slots=True)
class Report:
    """The free document a lead asks for; `body` is Markdown, the one source of page and PDF.

    `page` is its address below /reports/: an address tells others what it is called. `red_flags` is the one place that
    says which signs should not wait: pages, mails and articles show these.
    """

    name: str
    page: str
    title: str
    subtitle: str
    summary: str
    topics: frozenset[str]
    red_flags: tuple[RedFlag, ...]
    body: str


def read_article(file: Path) -> Article:
    """The article in the file; raises ConfigError naming file and key."""
    table, body = _front_matter(file)
    article = Article(
        file.stem,
        table.text("title"),
        table.text("subject"),
        table.text("preheader"),
        table.text("summary"),
        table.whole("minutes", least=1, most=600),
        frozenset(table.texts("topics")),
        body,
    )
    table.refuse_unknown()
    return article


def read_report(file: Path) -> Report:
    """The report in the file, its red flags in their place; raises ConfigError naming file and key."""
    table, body = _front_matter(file)
    red_flags = tuple(_red_flag(each) for each in table.tables("red_flags"))
    report = Report(
        file.stem,
        table.text("page", file.stem),
        table.text("title"),
        table.text("subtitle"),
        table.text("summary"),
        frozenset(table.texts("topics")),
        red_flags,
        _shown(body, red_flags),
    )
    if not _ADDRESS.fullmatch(report.page):
        raise table.error("page", "must be lower case words joined by hyphens")
    table.refuse_unknown()
    return report


def _red_flag(table: TomlTable) -> RedFlag:
    flag = RedFlag(table.text("do"), table.texts("signs"))
    if not all(flag.signs) or not flag.signs:
        raise table.error("signs", "must list signs that should not wait")
    table.refuse_unknown()
    return flag


def _shown(body: str, red_flags: tuple[RedFlag, ...]) -> str:
    """The Markdown with the red flags in it, each a heading below that of their section, and a list."""
    parts = ("\n".join([f"### {each.do}", "", *(f"- {sign}" for sign in each.signs)]) for each in red_flags)
    lists = "\n\n".join(parts)
    return _RED_FLAGS.sub(lambda _: lists, body)


def _front_matter(file: Path) -> tuple[TomlTable, str]:
    """The TOML between two lines `+++`, and the Markdown below it."""
    try:
        parts = file.read_text(encoding="utf-8-sig").split("+++\n", 2)
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file} is not saved as UTF-8. Nothing was changed.") from error
    if len(parts) != 3 or parts[0]:
        raise ConfigError(f"{file} must begin with TOML between two lines `+++`. Nothing was changed.")
    try:
        return TomlTable(file, tomllib.loads(parts[1])), parts[2].strip() + "\n"
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{file}: the part between the lines `+++` is not valid TOML: {error}.") from error
