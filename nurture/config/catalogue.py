"""config/campaigns, templates/articles and templates/reports as domain values; refuses bad data with file and key."""

from dataclasses import dataclass, replace
from pathlib import Path

from nurture.config.campaign_file import read_campaign
from nurture.config.settings import Settings
from nurture.config.writings import Article, Report, read_article, read_report
from nurture.domain.campaign import Campaign, Trigger
from nurture.domain.errors import ConfigError

MAIL_FILES = ("subject.txt", "body.txt", "body.html")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything that can be sent, by name. Articles keep the order in which the campaigns send them."""

    campaigns: dict[str, Campaign]
    articles: dict[str, Article]
    reports: dict[str, Report]
    #: The report that the front page offers.
    front: Report

    def starting_on(self, trigger: Trigger) -> tuple[Campaign, ...]:
        """The campaigns that this trigger enrols a lead in."""
        return tuple(campaign for campaign in self.campaigns.values() if campaign.starts_on is trigger)

    def campaign_for(self, report: str) -> Campaign | None:
        """The campaign that delivers the report, or None when nothing does."""
        return next((each for each in self.starting_on(Trigger.REPORT_REQUESTED) if each.report == report), None)

    @property
    def offered(self) -> tuple[Report, ...]:
        """The reports that a campaign delivers, the front page's first."""
        others = (self.reports[each.report] for each in self.starting_on(Trigger.REPORT_REQUESTED) if each.report)
        return tuple(dict.fromkeys([self.front, *others]))

    def report_on(self, topics: frozenset[str]) -> Report:
        """The offered report that shares most of these topics; the front page's when none shares any."""
        return max(self.offered, key=lambda report: len(report.topics & topics))


def load_catalogue(settings: Settings) -> Catalogue:
    """The catalogue; raises ConfigError naming the file and key of the first thing that is wrong."""
    articles = {file.stem: read_article(file) for file in sorted((settings.templates / "articles").glob("*.md"))}
    reports = {file.stem: read_report(file) for file in sorted((settings.templates / "reports").glob("*.md"))}
    _check_one_report_per_page(reports, settings.templates / "reports")
    folder = settings.home / "config" / "campaigns"
    campaigns = {file.stem: read_campaign(file, settings.clinic) for file in sorted(folder.glob("*.toml"))}
    if not campaigns:
        raise ConfigError(
            f"{folder} holds no campaign, so there is nothing to send. `nurture init` makes a home with two."
        )
    for campaign in campaigns.values():
        _check_references(folder / f"{campaign.name}.toml", campaign, articles, reports)
        _check_templates(settings.templates, campaign)
    _check_one_campaign_per_report(campaigns, folder)
    order = [step.article for campaign in campaigns.values() for step in campaign.steps if step.article]
    articles = {name: articles[name] for name in dict.fromkeys([*order, *articles])}
    catalogue = Catalogue(campaigns, articles, reports, _front(settings, campaigns, reports))
    return replace(
        catalogue, articles={each.name: _with_red_flags(settings, catalogue, each) for each in articles.values()}
    )


def _with_red_flags(settings: Settings, catalogue: Catalogue, article: Article) -> Article:
    report = catalogue.report_on(article.topics)
    if article.wants_red_flags and report.topics.isdisjoint(article.topics):
        file = settings.templates / "articles" / f"{article.name}.md"
        raise ConfigError(
            f"{file}: it shows red flags, but topics names none that a report is on. Nothing was changed."
        )
    return article.with_red_flags(report)


def _front(settings: Settings, campaigns: dict[str, Campaign], reports: dict[str, Report]) -> Report:
    named, delivered = settings.web.report, [each.report for each in campaigns.values() if each.report]
    if named not in delivered:
        raise ConfigError(
            f"{settings.home / 'config' / 'nurture.toml'}: web.report names {named!r}, which no campaign delivers "
            f"(delivered: {', '.join(delivered) or 'none'}). Nothing was changed."
        )
    return reports[named]


def _check_references(file: Path, campaign: Campaign, articles: dict[str, Article], reports: dict[str, Report]) -> None:
    if campaign.report is not None and campaign.report not in reports:
        raise ConfigError(f"{file}: report names {campaign.report!r}, but templates/reports holds no such report.")
    for step in campaign.steps:
        if step.article is not None and step.article not in articles:
            raise ConfigError(
                f"{file}: step {step.name!r} names the article {step.article!r}, which is not in templates/articles."
            )


def _check_one_report_per_page(reports: dict[str, Report], folder: Path) -> None:
    taken: dict[str, str] = {}
    for report in reports.values():
        other = taken.setdefault(report.page, report.name)
        if other != report.name:
            raise ConfigError(f"{folder / report.name}.md: page {report.page!r} is that of {other} already.")


def _check_templates(templates: Path, campaign: Campaign) -> None:
    for step in campaign.steps:
        folder = templates / "emails" / ("_article" if step.article else f"{campaign.name}/{step.name}")
        missing = [name for name in MAIL_FILES if not (folder / name).is_file()]
        if missing:
            raise ConfigError(
                f"{folder / missing[0]} does not exist, so step {step.name!r} of {campaign.name} cannot be sent. "
                "A mail is three files: subject.txt, body.txt and body.html."
            )


def _check_one_campaign_per_report(campaigns: dict[str, Campaign], folder: Path) -> None:
    delivers: dict[str, str] = {}
    for campaign in campaigns.values():
        if campaign.report is None:
            continue
        other = delivers.setdefault(campaign.report, campaign.name)
        if other != campaign.name:
            file = folder / f"{campaign.name}.toml"
            raise ConfigError(
                f"{file}: report {campaign.report!r} is already delivered by {other}; one may deliver it."
            )
