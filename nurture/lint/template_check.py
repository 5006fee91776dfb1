"""What a reader, a mail program or the law would object to in our mails, before anybody is mailed."""

import re
from collections.abc import Iterable, Iterator

from nurture.domain.campaign import Campaign
from nurture.domain.errors import TemplateError
from nurture.lint.finding import Finding, said_once
from nurture.lint.inspection import inspect
from nurture.lint.sources import locate, read_source
from nurture.mail.kit import MailKit
from nurture.mail.report import build_report

# What Typst says of words that no font has, and where a heading without words stands.
_QUOTED = re.compile(r'the text `"(.+?)"`')
_EMPTY_HEADING = r"(?m)^#{1,6}[ \t]*$"


def check_templates(kit: MailKit, campaigns: Iterable[Campaign] | None = None) -> list[Finding]:
    """Every finding about a mail or report of these campaigns (or of all): faults, then advice, each said once."""
    chosen = kit.catalogue.campaigns.values() if campaigns is None else campaigns
    return said_once(found for each in chosen for found in check_campaign(kit, each))


def check_campaign(kit: MailKit, campaign: Campaign) -> list[Finding]:
    """Every finding about each mail of the campaign, and about its report."""
    found = [finding for step in campaign.steps for finding in inspect(kit, campaign, step)]
    return [*found, *_report(kit, campaign)]


def _report(kit: MailKit, campaign: Campaign) -> Iterator[Finding]:
    """A finding about a report that cannot be built: each reader who asks for its PDF would meet an error."""
    report = kit.catalogue.reports.get(campaign.report or "")
    if report is None:
        return
    try:
        build_report(kit, report)
    except TemplateError as error:
        quoted = _QUOTED.search(str(error))
        needle = re.escape(quoted[1]) if quoted else _EMPTY_HEADING if "heading title is empty" in str(error) else ""
        source = read_source(kit.settings.home, f"reports/{report.name}.md")
        place = locate([source], needle) or source.place()
        detail = str(error).partition(": ")[2]
        yield Finding(place.file, place.line, "report", detail, f"{campaign.name}/{campaign.steps[0].name}")
