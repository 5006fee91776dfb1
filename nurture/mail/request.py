"""One mail to one lead, as data: all that decides what it says. Knows no template."""

from dataclasses import dataclass

from nurture.domain.campaign import Campaign, Step
from nurture.domain.consent import may_send
from nurture.domain.enrolment import Enrolment
from nurture.domain.lead import Lead
from nurture.domain.message import Mailbox, MailKind


@dataclass(frozen=True, slots=True)
class MailRequest:
    """One mail to one lead, to be rendered and built: who it is for, and all that it depends on."""

    lead: Lead
    campaign: Campaign
    step: Step
    enrolment: Enrolment
    enrolment_public_id: str
    sequence: int = 0
    # Whether the reader had stopped the articles, and would get more of them on asking.
    is_stopped: bool = False
    # Whether articles that an earlier asking brought go on, so that this mail owes a way out of them.
    drip_goes_on: bool = False
    # Where a mail to the desk goes, what staff noted when it came to be, and the news that it tells of besides its own.
    desk_address: str = ""
    remarks: tuple[str, ...] = ()
    others: tuple["MailRequest", ...] = ()

    @property
    def recipient(self) -> Mailbox:
        """Who gets it: the lead, or the desk."""
        return Mailbox("", self.desk_address) if self.desk_address else Mailbox(self.lead.name, self.lead.email)

    @property
    def starts_drip(self) -> bool:
        """Tell whether this is what somebody asked for, with articles and invitations to follow.

        Whoever unsubscribed, wrote back or had it all before still gets what they ask for, and nothing after it.
        """
        facts = self.enrolment.facts
        is_open = facts.isdisjoint(self.campaign.ends_on) and may_send(MailKind.NURTURE, facts) is None
        return self.step.kind is MailKind.REQUESTED and is_open and self.campaign.invites_after(self.step)

    @property
    def precedes_articles(self) -> bool:
        """Tell whether this is what somebody asked for, and articles come to them after it, by it or by themselves."""
        return self.starts_drip or (self.step.kind is MailKind.REQUESTED and self.drip_goes_on)

    @property
    def is_of_drip(self) -> bool:
        """Tell whether the mail owes its reader a way out."""
        return self.step.kind is MailKind.NURTURE or self.precedes_articles
