"""How much mail follows a request, found by running the engine forward, and the words that say so. Reads no file."""

import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from nurture.domain.campaign import Campaign
from nurture.domain.engine import Send
from nurture.domain.enrolment import Enrolment
from nurture.domain.imagined import timeline
from nurture.domain.message import MailKind

# What the words of a campaign may leave to be filled in.
_AMOUNT = re.compile(r"\{\{ *(days|mails|weeks) *\}\}")


@dataclass(frozen=True, slots=True)
class Extent:
    """How many articles and invitations follow, and how many days after the request the last of them comes."""

    mails: int
    days: int

    @property
    def weeks(self) -> int:
        """The days as whole weeks, to the nearest; at least one."""
        return max(1, (self.days + 3) // 7)

    def filled(self, words: str) -> str:
        """The words with every amount filled in."""
        return _AMOUNT.sub(lambda amount: str(getattr(self, amount[1])), words)


def extent_of(campaign: Campaign, zone: ZoneInfo, requested_at: datetime) -> Extent:
    """The extent for someone in `zone` who asks at that instant and stops nothing."""
    history = timeline(campaign, Enrolment(0, 0, campaign.name, zone, requested_at), requested_at)
    mails = [at for at, each in history if isinstance(each, Send) and each.step.kind is MailKind.NURTURE]
    first, last = (at.astimezone(zone).date() for at in (requested_at, max(mails, default=requested_at)))
    return Extent(len(mails), (last - first).days)


def can_be_filled(words: str) -> bool:
    """Tell whether the words hold nothing in braces but `{{ days }}`, `{{ mails }}` and `{{ weeks }}`."""
    return not re.search("[{}]", _AMOUNT.sub("", words))
