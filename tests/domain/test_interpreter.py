"""What a decision brings about, as an imagined lead is told of it."""

from dataclasses import dataclass, field

from nurture.domain.delivery_state import DeliveryState
from nurture.domain.engine import End, Skip
from nurture.domain.enrolment import Settled
from nurture.domain.imagined import Imagined, turn_passes_at
from nurture.domain.interpreter import carry_out, run
from tests.domain.examples import DAY, DRIP, VISIT, at, enrolled, visiting

BOOKED = at("2026-03-02T10:00")


@dataclass
class Onlooker:
    """A lead to whom nothing comes by itself, and who hears everything."""

    heard: list = field(default_factory=list)

    def as_of_now(self, enrolment):
        return enrolment

    def happened(self, campaign, decision, at):
        self.heard.append((campaign.name, decision, at))

    def wait(self, until):
        self.heard.append(until)

    def resume(self, reason, at):
        self.heard.append((reason, at))


def test_an_end_that_a_campaign_resumes_on_sends_the_lead_back_to_what_the_booking_had_ended():
    for fact, follows in (("this_cancelled", [("visit_booked", BOOKED)]), ("this_moved", [])):
        lead = Onlooker()
        port = Imagined(VISIT, visiting(BOOKED, BOOKED + 9 * DAY, facts=frozenset({fact})), lead)
        run(port, BOOKED)
        assert lead.heard == [("visit", End(fact), BOOKED), *follows]
        assert port.enrolment.end_reason == fact


def test_an_enrolment_stays_as_it_ended():
    port = Imagined(DRIP, enrolled(BOOKED, end_reason="replied"), Onlooker())
    carry_out(End("finished"), BOOKED, port)
    assert port.enrolment.end_reason == "replied"


def test_a_skip_is_settled_and_told_with_its_reason_and_followed_by_a_decision_at_once():
    lead = Onlooker()
    port = Imagined(DRIP, enrolled(BOOKED), lead)
    assert carry_out(Skip(DRIP.steps[0], "bounced"), BOOKED, port) == BOOKED
    assert lead.heard == [("drip", Skip(DRIP.steps[0], "bounced"), BOOKED)]
    assert port.enrolment.settled == (Settled("report", DeliveryState.SKIPPED, BOOKED),)


def test_a_reminders_turn_passes_when_the_next_mail_about_the_visit_goes():
    lead = visiting(BOOKED, at("2026-04-10T15:00"))
    three_days, day_before = at("2026-04-07T15:00"), at("2026-04-09T15:00")
    assert turn_passes_at(VISIT, lead, VISIT.steps[0], BOOKED) == three_days
    lead = lead.after(Settled("confirmation", DeliveryState.SENT, BOOKED), nurtured=False)
    assert turn_passes_at(VISIT, lead, VISIT.steps[1], three_days) == day_before
    assert turn_passes_at(VISIT, lead, VISIT.steps[5], BOOKED) is None
    ended = visiting(BOOKED, at("2026-04-10T15:00"), facts=frozenset({"this_moved"}))
    assert turn_passes_at(VISIT, ended, VISIT.steps[1], BOOKED) is None
