"""How often reports may be asked for on the public page: who counts as one asker, and what is too much."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

#: Why an enrolment ended before its first mail: it was asked for past a limit, and staff may release it.
LIMITED = "limited"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
# Names of one provider for the same mailboxes, and the characters that it does not look at.
_SAME = {"googlemail.com": "gmail.com", "protonmail.com": "proton.me", "pm.me": "proton.me"}
_SAME |= {"me.com": "icloud.com", "mac.com": "icloud.com"}
_IGNORED = {"gmail.com": ".", "proton.me": "._-"}
# Where whatever is written to anything@ann.provider comes to ann@provider.
_AT_EVERY_NAME = ("fastmail.com", "fastmail.fm")


class Limit(StrEnum):
    """What there was too much of."""

    REPORT = "report"  #: of one report to one mailbox in a day
    MAILBOX = "mailbox"  #: of any reports to one mailbox in a day
    NETWORK = "network"  #: from one network in an hour
    DOMAIN = "domain"  #: to one domain in an hour
    ALL = "all"  #: from everywhere in an hour


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody on the public page, by network; without one, the clinic's own server, which counts by mailbox alone."""

    network: str


@dataclass(frozen=True, slots=True)
class Limits:
    """How many signups there may be of each sort. The great providers' domains have no limit of their own."""

    report_a_day: int
    mails_a_day: int
    network_an_hour: int
    domain_an_hour: int
    all_an_hour: int
    great_providers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many signups like this one were mailed in the day or hour that counts."""

    report: int
    mailbox: int
    network: int
    domain: int
    all: int


def limit_reached(counts: Counts, limits: Limits) -> Limit | None:
    """The limit that leaves no room for one more; None when there is room within them all."""
    room = {
        Limit.REPORT: limits.report_a_day - counts.report,
        Limit.MAILBOX: limits.mails_a_day - counts.mailbox,
        Limit.NETWORK: limits.network_an_hour - counts.network,
        Limit.DOMAIN: limits.domain_an_hour - counts.domain,
        Limit.ALL: limits.all_an_hour - counts.all,
    }
    return next((limit for limit, left in room.items() if left <= 0), None)


def mailbox_of(address: str) -> str:
    """The mailbox that the address ends up in, for counting alone: mail goes to the address as it was given."""
    local, _, domain = address.casefold().rpartition("@")
    # RFC 5233 calls it a subaddress: what follows the plus chooses a folder.
    local, domain = local.partition("+")[0] or local, _SAME.get(domain, domain)
    owner, _, provider = domain.partition(".")
    if provider in _AT_EVERY_NAME:
        local, domain = owner, provider
    ignored = str.maketrans("", "", _IGNORED.get(domain, ""))
    return f"{local.translate(ignored)}@{domain}"
