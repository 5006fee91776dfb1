"""What a reader, a mail program or the law would object to in the house's mails, before anybody is mailed."""

from collections.abc import Iterable

from nurture.domain.campaign import Campaign
from nurture.render.check.finding import Finding
from nurture.service.inspection import inspect
from nurture.service.runtime import Runtime


def check_templates(runtime: Runtime, campaigns: Iterable[Campaign] | None = None) -> list[Finding]:
    """Every objection to any mail of these campaigns (or of all), each said once."""
    chosen = runtime.catalogue.campaigns.values() if campaigns is None else campaigns
    mails = [(campaign, step) for campaign in chosen for step in campaign.steps]
    return list(dict.fromkeys(finding for mail in mails for finding in inspect(runtime, *mail)))
