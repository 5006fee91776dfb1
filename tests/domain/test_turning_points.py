"""Where the engine's answer turns: the instants, days and facts on either side of each of its questions."""

from dataclasses import replace

import pytest

from nurture.domain.campaign import AfterEnrolment, AfterLast, AfterVisit, Span
from nurture.domain.engine import End, Send, Skip, Wait, decide, decide_again, due_at, invites
from tests.domain.examples import DAY, DRIP, OFFICE, VISIT, WAKING, ZONES, at, enrolled, step, visiting
from tests.domain.test_engine import MONDAY, sent


def test_the_day_of_that_one_mail_is_the_leads_own_and_not_that_of_utc():
    evening = replace(DRIP, steps=(DRIP.steps[0], step("one", AfterLast(Span()), window=WAKING)))
    late, early = (
        sent(enrolled(MONDAY, nurtured_at=at(mailed)), "report", MONDAY, nurtured=False)
        for mailed in ("2026-03-04T20:00", "2026-03-04T08:00")
    )
    # 20:00 and 19:00 in Chicago are the next day already in UTC.
    assert decide(evening, late, at("2026-03-05T09:30")) == Send(evening.steps[1])
    assert decide(evening, early, at("2026-03-04T19:00")) == Wait(at("2026-03-05T08:00"))


def test_a_reminder_due_at_the_very_booking_is_folded():
    booked = at("2026-03-09T10:00")
    lead = sent(sent(visiting(booked, booked + DAY), "confirmation", booked), "three-days", booked)
    assert decide(VISIT, lead, booked) == Skip(VISIT.steps[2], "folded")


def test_a_reminder_that_the_night_holds_back_until_after_the_visit_is_stale():
    lead = visiting(at("2026-03-02T10:00"), at("2026-03-10T07:30"))
    for name in ("confirmation", "three-days", "day-before"):
        lead = sent(lead, name, at("2026-03-02T10:00"))
    assert decide(VISIT, lead, at("2026-03-09T20:30")) == Skip(VISIT.steps[3], "stale")


def test_a_step_of_a_visit_needs_one():
    with pytest.raises(ValueError, match=r"^a step counted from a visit needs an enrolment with one$"):
        due_at(VISIT.steps[1], enrolled(MONDAY))


def test_an_end_holds_back_an_article_sent_again_and_not_what_was_asked_for():
    report, article = DRIP.steps[:2]
    lead, later = enrolled(MONDAY, facts=frozenset({"visit_booked"})), at("2026-04-02T11:00")
    assert decide_again(DRIP, lead, report, later) == Send(report)
    assert decide_again(DRIP, lead, article, later) == Skip(article, "visit_booked")


def test_a_drip_invites_until_its_last_article_is_settled_or_a_fact_speaks_against_it():
    lead = enrolled(MONDAY)
    assert invites(DRIP, lead)
    assert invites(DRIP, sent(lead, "two", MONDAY))
    assert not invites(DRIP, sent(lead, "three", MONDAY))
    assert not invites(replace(DRIP, steps=DRIP.steps[:1]), lead)
    for fact in ("replied", "bounced"):
        assert not invites(DRIP, enrolled(MONDAY, facts=frozenset({fact})))


def test_a_step_goes_until_it_is_stale_and_not_at_that_instant():
    signup, stale_at = at("2026-05-04T22:30"), at("2026-05-11T09:00")
    lead = sent(enrolled(signup), "report", signup, nurtured=False)
    assert decide(DRIP, lead, stale_at - 3 * DAY) == Send(DRIP.steps[1])
    assert decide(DRIP, lead, stale_at) == Skip(DRIP.steps[1], "stale")


def test_what_has_ended_stays_as_it_ended():
    for reason in ("replied", "unsubscribed"):
        assert decide(DRIP, enrolled(MONDAY, end_reason=reason), MONDAY) == End(reason)


def test_days_and_hours_are_those_of_the_lead_whatever_they_count_from():
    for zone in ZONES[:2]:
        # At 22:30 in either zone UTC has another day, and in the night the clocks are changed.
        evening = at("2026-03-07T22:30", zone)
        for anchor, lead in (
            (AfterEnrolment(Span(days=1)), enrolled(evening, zone)),
            (AfterVisit(Span(days=1)), visiting(evening, evening, zone=zone)),
        ):
            assert due_at(step("one", anchor), lead) == at("2026-03-08T22:30", zone)
            assert due_at(step("one", anchor, window=OFFICE), lead) == at("2026-03-09T09:00", zone)
        at_night = visiting(evening, at("2026-03-10T22:30", zone), zone=zone)
        assert due_at(VISIT.step("same-morning"), at_night) == at("2026-03-10T08:00", zone)
