from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.domain.delivery_state import DeliveryState
from nurture.domain.engine import End, Send, Skip, Wait, decide, decide_again, due_at, next_step
from nurture.domain.enrolment import Settled
from nurture.domain.imagined import timeline
from nurture.domain.message import MailKind
from nurture.domain.visit import VisitStatus
from tests.domain.examples import CHICAGO, DAY, DRIP, OFFICE, VISIT, WAKING, ZONES, at, enrolled, visiting

MONDAY = at("2026-03-02T22:30")
SENT, SKIPPED = DeliveryState.SENT, DeliveryState.SKIPPED


def sent(enrolment, name, when, *, nurtured=True):
    return enrolment.after(Settled(name, SENT, when), nurtured=nurtured)


def test_a_report_goes_at_once_at_any_hour():
    assert decide(DRIP, enrolled(MONDAY), MONDAY) == Send(DRIP.steps[0])


def test_a_wait_of_days_keeps_the_wall_clock_and_moves_into_the_window():
    lead = sent(enrolled(MONDAY), "report", MONDAY, nurtured=False)
    assert decide(DRIP, lead, MONDAY) == Wait(at("2026-03-04T09:00"))


def test_days_are_calendar_days_across_a_clock_change():
    signup = at("2026-03-06T10:00")
    lead = sent(enrolled(signup), "report", signup, nurtured=False)
    lead = sent(lead, "one", at("2026-03-06T12:00"))
    assert decide(DRIP, lead, signup) == Wait(at("2026-03-09T09:00"))
    assert decide(DRIP, sent(lead, "two", at("2026-03-06T12:00")), signup) == Wait(at("2026-03-13T12:00"))


def test_an_outage_is_never_followed_by_a_burst():
    lead = sent(enrolled(MONDAY), "report", MONDAY, nurtured=False)
    back = at("2026-03-06T11:00")
    assert decide(DRIP, lead, back) == Send(DRIP.steps[1])
    assert decide(DRIP, sent(lead, "one", back), back) == Wait(at("2026-03-09T09:00"))


def test_a_step_later_than_stale_after_is_skipped_and_the_next_wait_counts_from_the_skip():
    lead = sent(enrolled(MONDAY), "report", MONDAY, nurtured=False)
    back = at("2026-04-02T11:00")
    assert decide(DRIP, lead, back) == Skip(DRIP.steps[1], "stale")
    lead = lead.after(Settled("one", SKIPPED, back), nurtured=False)
    assert decide(DRIP, lead, back) == Wait(at("2026-04-06T09:00"))


def test_never_outside_the_window_even_when_the_sweep_comes_late():
    lead = sent(enrolled(MONDAY), "report", MONDAY, nurtured=False)
    assert decide(DRIP, lead, at("2026-03-04T23:00")) == Wait(at("2026-03-05T09:00"))


def test_one_nurture_mail_a_day_per_lead():
    lead = sent(enrolled(MONDAY, nurtured_at=at("2026-03-04T08:00")), "report", MONDAY, nurtured=False)
    assert decide(DRIP, lead, at("2026-03-04T10:00")) == Wait(at("2026-03-05T09:00"))


@pytest.mark.parametrize("fact", DRIP.ends_on)
def test_a_goal_ends_the_drip_but_a_report_asked_for_is_still_owed(fact):
    lead = enrolled(MONDAY, facts=frozenset({fact}))
    assert decide(DRIP, lead, MONDAY) == Send(DRIP.steps[0])
    assert decide(DRIP, sent(lead, "report", MONDAY), MONDAY) == End(fact)


def test_a_report_is_not_sent_to_an_address_that_bounced():
    assert decide(DRIP, enrolled(MONDAY, facts=frozenset({"bounced"})), MONDAY) == Skip(DRIP.steps[0], "bounced")


def test_steps_inserted_behind_a_lead_are_not_sent_and_removed_ones_are_absent():
    lead = sent(enrolled(MONDAY), "two", MONDAY)
    assert next_step(DRIP, lead).name == "three"
    assert next_step(DRIP, sent(enrolled(MONDAY), "gone", MONDAY)).name == "report"


def test_a_reminder_outside_waking_hours_moves_earlier():
    lead = sent(visiting(at("2026-03-02T10:00"), at("2026-03-09T07:30")), "confirmation", at("2026-03-02T10:00"))
    assert due_at(VISIT.step("day-before"), lead) == at("2026-03-07T20:00")
    assert due_at(VISIT.step("same-morning"), lead) == at("2026-03-08T20:00")


def test_a_reminder_whose_time_passed_before_booking_is_folded():
    booked = at("2026-03-02T10:00")
    lead = sent(visiting(booked, at("2026-03-03T15:00")), "confirmation", booked)
    assert decide(VISIT, lead, booked) == Skip(VISIT.steps[1], "folded")
    days = [
        (when, decision.step.name) for when, decision in timeline(VISIT, lead, booked) if isinstance(decision, Send)
    ]
    assert days == [(at("2026-03-02T15:00"), "day-before"), (at("2026-03-03T08:00"), "same-morning")]


def test_a_reminder_is_never_sent_once_the_visit_has_started():
    booked, starts = at("2026-03-02T10:00"), at("2026-03-10T09:00")
    lead = visiting(booked, starts)
    for name in ("confirmation", "three-days", "day-before"):
        lead = sent(lead, name, booked)
    assert decide(VISIT, lead, starts) == Skip(VISIT.steps[3], "stale")


def test_what_follows_a_visit_waits_for_staff_to_record_the_outcome():
    booked, starts = at("2026-03-02T10:00"), at("2026-03-10T09:00")
    waiting = visiting(booked, starts)
    for name in ("confirmation", "three-days", "day-before", "same-morning"):
        waiting = sent(waiting, name, booked, nurtured=False)
    later = starts + timedelta(hours=3)
    assert decide(VISIT, waiting, later) == Wait(at("2026-03-12T10:30"))
    missed = visiting(booked, starts, VisitStatus.NO_SHOW, facts=frozenset({"this_no_show"}), settled=waiting.settled)
    names = [decision.step.name for _, decision in timeline(VISIT, missed, later) if isinstance(decision, Send)]
    assert names == ["missed-you", "another-time"]


@pytest.mark.parametrize("fact", ["this_cancelled", "this_moved"])
def test_a_cancelled_or_moved_visit_ends_its_reminders(fact):
    lead = visiting(MONDAY, MONDAY + 9 * DAY, facts=frozenset({fact}))
    assert decide(VISIT, lead, MONDAY) == End(fact)


def test_a_resumed_drip_goes_on_where_it_stopped_and_counts_from_the_resumption():
    lead = sent(sent(enrolled(MONDAY), "report", MONDAY), "one", at("2026-03-04T09:00"))
    back = at("2026-03-20T10:00")
    lead = enrolled(MONDAY, settled=lead.settled, resumed_at=back)
    assert decide(DRIP, lead, back) == Wait(at("2026-03-23T09:00"))


instants = st.datetimes(datetime(2025, 1, 1), datetime(2029, 1, 1)).map(lambda naive: naive.replace(tzinfo=CHICAGO))
zones = st.sampled_from(ZONES)


@given(instants, zones)
def test_timeline_moves_forward_and_sends_each_step_once_in_order_and_in_its_window(start, zone):
    history = list(timeline(DRIP, enrolled(start, zone), start))
    names = [decision.step.name for _, decision in history[:-1]]
    assert names == [step.name for step in DRIP.steps]
    assert history[-1][1] == End("finished")
    assert all(earlier <= later for (earlier, _), (later, _) in pairwise(history))
    for when, decision in history:
        assert not isinstance(decision, Send) or decision.step.window.is_open(when, zone)


@given(instants, zones, st.lists(st.timedeltas(timedelta(seconds=1), timedelta(days=9)), max_size=40))
@settings(max_examples=200)
def test_at_any_ticks_each_step_at_most_once_in_order_inside_its_window_and_one_nurture_a_day(start, zone, gaps):
    lead, now, sends = enrolled(start, zone), start, []
    for gap in gaps:
        decision = decide(DRIP, lead, now)
        again = decide(DRIP, lead, now)
        assert decision == again
        if isinstance(decision, Wait):
            assert decision.until > now
        elif isinstance(decision, Send):
            assert decision.step.window.is_open(now, zone)
            sends.append((now, decision.step))
            lead = sent(lead, decision.step.name, now, nurtured=decision.step.kind is MailKind.NURTURE)
        elif isinstance(decision, Skip):
            lead = lead.after(Settled(decision.step.name, SKIPPED, now), nurtured=False)
        else:
            break
        now += gap
    names = [step.name for _, step in sends]
    assert names == [step.name for step in DRIP.steps if step.name in names]
    days = [when.astimezone(zone).date() for when, step in sends if step.kind is MailKind.NURTURE]
    assert len(days) == len(set(days))


@given(instants, zones, st.timedeltas(timedelta(minutes=5), timedelta(days=12)))
def test_reminders_come_in_waking_hours_before_the_visit_and_nothing_follows_an_end(booked, zone, notice):
    lead = visiting(booked, booked + notice, zone=zone)
    history = list(timeline(VISIT, lead, booked))
    for when, decision in history:
        if isinstance(decision, Send) and decision.step.is_before_visit:
            assert booked < when < booked + notice
            assert WAKING.is_open(when, zone)
    assert [isinstance(decision, End) for _, decision in history].index(True) == len(history) - 1


@given(instants, zones)
def test_next_open_is_idempotent_open_and_the_first(moment, zone):
    opens = OFFICE.next_open(moment, zone)
    assert opens >= moment
    assert OFFICE.is_open(opens, zone)
    assert OFFICE.next_open(opens, zone) == opens
    just_before = opens - timedelta(seconds=1)
    assert just_before < moment or not OFFICE.is_open(just_before, zone)


def test_what_staff_send_again_is_bound_by_facts_and_hours_and_not_by_its_place():
    article, later = DRIP.steps[1], at("2026-04-02T11:00")
    lead = sent(sent(enrolled(MONDAY), "report", MONDAY, nurtured=False), "three", MONDAY)
    assert decide_again(DRIP, lead, article, later) == Send(article)
    assert decide_again(DRIP, enrolled(MONDAY, facts=frozenset({"unsubscribed"})), article, later) == Skip(
        article, "unsubscribed"
    )
    assert decide_again(DRIP, lead, article, at("2026-04-02T23:00")) == Wait(at("2026-04-03T09:00"))
    reminder = VISIT.steps[2]
    visit = visiting(MONDAY, at("2026-03-10T09:00"))
    assert decide_again(VISIT, visit, reminder, at("2026-03-10T09:00")) == Skip(reminder, "stale")
