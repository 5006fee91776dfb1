"""What is heard of a lead while a mail waits for its dot wins, and the mail is decided on anew."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from nurture.service import visits
from nurture.service.preferences import note_reply, unsubscribe
from nurture.service.request import Request
from nurture.service.signup import sign_up
from nurture.transport.outcome import Outcome, Outgoing

REPORT, ARTICLE = "lumbar-sciatica/report", "lumbar-sciatica/dry-needling"
CHANGES = {
    "unsubscribed": unsubscribe,
    "replied": note_reply,
    "visit_booked": lambda runtime, lead: visits.book(runtime, str(lead.id), runtime.clock() + timedelta(days=9)),
}


@dataclass
class Slow:
    """A relay that takes its time: something happens before each dot."""

    relay: object
    meanwhile: list = field(default_factory=list)

    def hand_over(self, mail: Outgoing, before_dot) -> Outcome:
        while self.meanwhile:
            self.meanwhile.pop()()
        return self.relay.hand_over(mail, before_dot)


@pytest.mark.parametrize("reason", CHANGES)
def test_an_article_is_not_handed_over_after_all(any_installation, reason):
    installation = any_installation
    slow = Slow(installation.transport)
    installation.runtime = runtime = replace(installation.runtime, transport=slow)
    lead = sign_up(runtime, Request("ann@example.com", "lumbar-sciatica")).lead
    installation.work()
    installation.clock.forward(days=1)
    slow.meanwhile.append(lambda: CHANGES[reason](runtime, lead))
    installation.work()
    found = {mail: (state, why) for mail, state, why in installation.ledger()}
    assert found[REPORT] == ("sent", None)
    assert found[ARTICLE] == ("skipped", reason)
