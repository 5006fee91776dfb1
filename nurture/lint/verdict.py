"""The findings about a campaign's mails, kept while nothing changes that the rules go by. Judges nothing itself."""

import json
from collections.abc import Collection
from contextlib import suppress
from dataclasses import asdict
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import nurture
from nurture.config.sources_digest import sources_digest
from nurture.domain.campaign import Campaign
from nurture.lint.finding import Finding, Level, said_once
from nurture.mail.kit import MailKit
from nurture.whole_file import write_whole

# Whatever else decides how a mail comes out.
_LIBRARIES = ("cssutils", "jinja2", "lxml", "markdown-it-py", "phonenumbers", "premailer", "typst")


def verdict(kit: MailKit, campaigns: Collection[Campaign] | None = None, *, asks_anew: bool = False) -> list[Finding]:
    """Every finding about the mails of these campaigns (or of all), each said once.

    While templates, config and program are what they were, the rules are not asked again.
    """
    chosen = kit.catalogue.campaigns.values() if campaigns is None else campaigns
    digest = _digest(kit)
    kept = {each.name: None if asks_anew else _kept(kit, each, digest) for each in chosen}
    missing = [each for each in chosen if kept[each.name] is None]
    told = kept | {each.name: _asked(kit, each, digest) for each in missing}
    return said_once(finding for found in told.values() for finding in found or ())


def _asked(kit: MailKit, campaign: Campaign, digest: str) -> list[Finding]:
    # It loads what renders and takes apart a mail, which a verdict that is kept does not need.
    from nurture.lint.template_check import check_campaign  # noqa: PLC0415

    found = check_campaign(kit, campaign)
    # What was changed meanwhile may have been judged in part.
    if _digest(kit) == digest:
        text = json.dumps({"digest": digest, "findings": [asdict(each) for each in found]}, indent=1)
        # Where nothing can be written, the next one asks again.
        with suppress(OSError):
            write_whole(_file(kit, campaign), text)
    return found


def _kept(kit: MailKit, campaign: Campaign, digest: str) -> list[Finding] | None:
    """What was said of this very state; None when nothing (legible) was."""
    try:
        told = json.loads(_file(kit, campaign).read_text())
        found = [Finding(**each | {"level": Level(each["level"])}) for each in told["findings"]]
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return found if told["digest"] == digest else None


def _digest(kit: MailKit) -> str:
    """Changes with every file of config and templates, with where the pages are, and with the program."""
    program = sha256(nurture.__version__.encode())
    for file in sorted(Path(nurture.__file__).parent.rglob("*")):
        if file.suffix in {".py", ".toml"}:
            program.update(file.read_bytes())
    libraries = " ".join(version(each) for each in _LIBRARIES)
    parts = (sources_digest(kit.settings.home), kit.links.site, program.hexdigest(), libraries)
    return sha256("\0".join(parts).encode()).hexdigest()[:32]


def _file(kit: MailKit, campaign: Campaign) -> Path:
    return kit.settings.var / "verdicts" / f"{campaign.name}.json"
