"""The small rules: visits, consent, feedback, retry, headers, segments."""

from dataclasses import replace
from datetime import timedelta

import pytest

from nurture.domain import visit as visits
from nurture.domain.campaign import Span, Trigger, parse_span
from nurture.domain.consent import HOLDS, may_enrol, may_send, parse_reason
from nurture.domain.delivery_state import DeliveryState
from nurture.domain.errors import Refusal
from nurture.domain.event import EventKind
from nurture.domain.facts import OUTCOMES, Fact, LeadHistory, facts_of, meaning_of
from nurture.domain.feedback import Enrol, Lift, Resume, Suppress, consequences, is_only_stopped, resumes
from nurture.domain.message import MailKind
from nurture.domain.retry import (
    Failure,
    GiveUp,
    RetryAt,
    StopAll,
    after_failure,
    ending,
    may_repeat,
    resend_at,
)
from nurture.domain.segment import Segment, parse_segment
from nurture.domain.visit import VisitStatus
from tests.domain.examples import DRIP, VISIT, at, visiting

BOOKED, STARTS = at("2026-03-02T10:00"), at("2026-03-10T09:00")
VISIT_TO_COME = visiting(BOOKED, STARTS).visit


@pytest.mark.parametrize(
    ("change", "now", "status"),
    [
        (visits.confirm, BOOKED, VisitStatus.CONFIRMED),
        (visits.cancel, BOOKED, VisitStatus.CANCELLED),
        (visits.attend, STARTS, VisitStatus.ATTENDED),
        (visits.miss, STARTS + timedelta(hours=1), VisitStatus.NO_SHOW),
    ],
)
def test_a_visit_changes_once_and_again_is_the_same(change, now, status):
    changed = change(VISIT_TO_COME, now)
    assert changed.status is status
    assert change(changed, now) == changed


@pytest.mark.parametrize(
    ("change", "now"),
    [(visits.confirm, STARTS), (visits.cancel, STARTS), (visits.attend, BOOKED), (visits.miss, BOOKED)],
)
def test_a_change_that_makes_no_sense_at_that_time_is_refused(change, now):
    assert isinstance(change(VISIT_TO_COME, now), Refusal)


def test_a_cancelled_visit_stays_cancelled():
    cancelled = visits.cancel(VISIT_TO_COME, BOOKED)
    for change in (visits.confirm, visits.attend, visits.miss):
        assert isinstance(change(cancelled, STARTS + timedelta(hours=1)), Refusal)
    assert isinstance(visits.reschedule(cancelled, STARTS + timedelta(days=1), BOOKED), Refusal)


def test_a_slip_of_the_desk_can_be_put_right():
    missed = visits.miss(VISIT_TO_COME, STARTS)
    assert visits.attend(missed, STARTS).status is VisitStatus.ATTENDED


def test_a_moved_visit_has_a_new_sequence_and_is_to_be_confirmed_afresh():
    moved = visits.reschedule(visits.confirm(VISIT_TO_COME, BOOKED), STARTS + timedelta(days=1), BOOKED)
    assert (moved.sequence, moved.status) == (1, VisitStatus.BOOKED)
    assert isinstance(visits.reschedule(VISIT_TO_COME, BOOKED, BOOKED), Refusal)
    assert isinstance(visits.reschedule(VISIT_TO_COME, STARTS, BOOKED), Refusal)


def test_facts_of_a_visit():
    def seen(visits, *enrolled_for):
        return facts_of(LeadHistory(visits=visits), *enrolled_for)

    missed, other = visits.miss(VISIT_TO_COME, STARTS), replace(VISIT_TO_COME, id=VISIT_TO_COME.id + 1)
    own = VISIT_TO_COME.id
    assert seen((VISIT_TO_COME,), own, 0) == {"visit_booked"}
    assert seen((VISIT_TO_COME,), own, 1) == {"visit_booked", "this_moved"}
    assert seen((visits.attend(VISIT_TO_COME, STARTS),)) == {"visit_attended"}
    assert seen((missed, other), own, 0) == {"this_no_show", "rebooked", "visit_booked"}


def test_facts_of_what_happened_and_of_what_holds_mail_back():
    lead = LeadHistory(frozenset({"bounced"}), frozenset({EventKind.REPLIED, EventKind.EDITED}))
    assert facts_of(lead) == {"bounced", "replied"}
    assert facts_of(LeadHistory(), is_repeated=True) == {"repeated"}


def test_every_hold_and_outcome_is_a_fact():
    assert set(HOLDS) <= set(Fact)
    assert set(Fact) >= OUTCOMES


def test_who_unsubscribed_still_gets_reports_asked_for_and_reminders():
    held = frozenset({"unsubscribed"})
    assert [may_send(kind, held) for kind in MailKind] == [None, "unsubscribed", None, None]
    assert {may_send(kind, frozenset({"bounced"})) for kind in MailKind} == {"bounced", None}


def test_consequences():
    assert consequences(EventKind.UNSUBSCRIBED) == (Suppress("unsubscribed"),)
    assert consequences(EventKind.RESUBSCRIBED) == (Lift("unsubscribed"), Resume("unsubscribed"))
    assert consequences(EventKind.EDITED) == (Resume("bounced"),)
    assert consequences(EventKind.VISIT_RESCHEDULED) == (Enrol(Trigger.VISIT_BOOKED),)
    assert consequences(EventKind.REPLIED) == (Enrol(Trigger.REPLIED),)
    assert consequences(EventKind.VISIT_CONFIRMED) == ()
    assert all(fact.reason in HOLDS for kind in EventKind for fact in consequences(kind) if isinstance(fact, Suppress))


def test_a_missed_or_cancelled_visit_leads_back_to_the_drip():
    assert resumes(VISIT, frozenset({"this_no_show"}))
    assert not resumes(VISIT, frozenset({"this_attended"}))


@pytest.mark.parametrize(
    ("attempts", "minutes"), [(1, 1), (2, 5), (3, 30), (4, 60), (5, 120), (6, 120), (30, 120), (39, 120)]
)
def test_failures_back_off_by_these_minutes_and_up_to_a_quarter_more(attempts, minutes):
    for failure in (Failure.DEFERRED, Failure.UNREACHABLE, Failure.POLICY_REFUSED):
        for jitter, wait in ((0, minutes), (0.5, minutes * 1.125)):
            again = after_failure(failure, MailKind.NURTURE, attempts, BOOKED, jitter=jitter)
            assert again == RetryAt(BOOKED + timedelta(minutes=wait))


@pytest.mark.parametrize(("failure", "minutes"), [(Failure.SENDER_REFUSED, 5), (Failure.NO_RELAY, 1)])
def test_what_fails_for_every_lead_stops_all_mail_for_these_minutes(failure, minutes):
    for attempts in (1, 40):
        stop = after_failure(failure, MailKind.NURTURE, attempts, BOOKED, jitter=0.5)
        assert stop == StopAll(BOOKED + timedelta(minutes=minutes))


def test_the_fortieth_failure_and_one_for_good_are_the_last():
    for attempts, failure, reason in (
        (40, Failure.DEFERRED, "deferred 40 times"),
        (1, Failure.RECIPIENT_REFUSED, "recipient_refused"),
        (1, Failure.MESSAGE_REFUSED, "message_refused"),
    ):
        assert after_failure(failure, MailKind.NURTURE, attempts, BOOKED, jitter=0) == GiveUp(reason)
    desk = after_failure(Failure.RECIPIENT_REFUSED, MailKind.STAFF, 1, BOOKED, jitter=0)
    assert desk == RetryAt(BOOKED + timedelta(minutes=1))


@pytest.mark.parametrize(
    ("times_in_doubt", "minutes"), [(0, 1), (1, 1), (2, 5), (3, 30), (4, 60), (5, None), (6, None)]
)
def test_a_mail_in_doubt_goes_again_under_its_key_after_these_minutes(times_in_doubt, minutes):
    again = resend_at(MailKind.NURTURE, times_in_doubt, BOOKED, keyed=True)
    assert again == (None if minutes is None else BOOKED + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("kind", "often"), [(MailKind.REQUESTED, 1), (MailKind.VISIT, 1), (MailKind.STAFF, 1), (MailKind.NURTURE, 0)]
)
def test_without_a_key_only_what_a_person_waits_for_goes_again_once_and_at_once(kind, often):
    again = [resend_at(kind, times_in_doubt, BOOKED, keyed=False) for times_in_doubt in range(3)]
    assert again == [BOOKED] * often + [None] * (3 - often)


def test_a_key_is_relied_on_for_less_than_four_hours():
    for minutes, may in ((239, True), (240, False)):
        assert may_repeat(MailKind.NURTURE, BOOKED, BOOKED + timedelta(minutes=minutes), keyed=True) is may


def test_what_a_relay_may_have_never_ends_as_failed():
    failed, sent, doubt = DeliveryState.FAILED, DeliveryState.SENT, DeliveryState.UNCERTAIN
    assert ending(failed, "bounced", 0) == (failed, "bounced")
    assert ending(failed, "bounced", 1) == (doubt, "in doubt, and not again: bounced")
    assert ending(sent, None, 2) == (sent, None)
    assert ending(doubt, "no answer", 2) == (doubt, "no answer")
    assert len(ending(failed, "x" * 300, 1)[1]) == 200


def test_staff_begin_no_campaign_for_whoever_said_no_or_wrote_back_or_cannot_be_reached():
    assert may_enrol(frozenset())
    assert may_enrol(frozenset({"visit_booked"}))
    assert not any(may_enrol(frozenset({fact})) for fact in ("replied", "unsubscribed", "bounced"))


def test_a_reason_is_one_line_of_up_to_two_hundred_letters():
    assert parse_reason("  by  phone\n today ") == "by phone today"
    assert parse_reason("x" * 200) == "x" * 200
    assert all(parse_reason(text).reason == "bad_reason" for text in ("", " ", "a\x00b", "x" * 201))


def test_a_drip_is_only_stopped_where_nothing_else_ends_it():
    assert is_only_stopped(DRIP, frozenset({"unsubscribed"}))
    assert is_only_stopped(DRIP, frozenset({"unsubscribed", "repeated"}))
    assert not is_only_stopped(DRIP, frozenset({"unsubscribed", "replied"}))
    assert not is_only_stopped(VISIT, frozenset({"unsubscribed"}))


def test_a_fact_has_a_meaning_and_another_reason_stays():
    assert meaning_of("bounced") == "the address does not exist"
    assert meaning_of("stale") == "stale"


def test_a_segment_takes_in_whom_its_name_says():
    ann, ben = (frozenset({"lumbar", "neck"}), "web"), (frozenset({"neck"}), "phone")
    for name, has_ann, has_ben in (
        ("all", True, True),
        ("topic:lumbar", True, False),
        ("topic:neck", True, True),
        ("source:phone", False, True),
        ("source:web", True, False),
        ("source:a:b", False, False),
    ):
        assert (Segment(name).includes(*ann), Segment(name).includes(*ben)) == (has_ann, has_ben)


def test_spans_and_segments():
    assert parse_span("2w") == Span(days=14)
    assert parse_span("90m") == Span(elapsed=timedelta(minutes=90))
    assert all(parse_span(text) is None for text in ("", "3", "d", "-1d", "1.5h", "99999d", "3D"))
    for name in ("all", "topic:lumbar", "source:phone", "source:a:b"):
        assert parse_segment(name) == Segment(name)
    assert all(isinstance(parse_segment(text), Refusal) for text in ("everyone", "topic:", "zone:lumbar"))
