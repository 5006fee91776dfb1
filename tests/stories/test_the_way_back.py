"""Unsubscribing is not for ever: whoever asks for it gets the articles again, from where they stopped."""

from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest

from nurture.domain.consent import Consent
from nurture.domain.event import Event, EventKind
from nurture.service import visits
from nurture.service.feedback import record_event
from nurture.service.preferences import is_unsubscribed, note_reply, unsubscribe
from nurture.service.request import Request
from nurture.service.resubscribe import resubscribe
from nurture.service.signup import sign_up
from nurture.service.sweep import sweep
from nurture.store.events import events_of_lead
from nurture.store.leads import lock_lead
from tests.conftest import MONDAY

DRIP = "lumbar-sciatica"
DAY = timedelta(days=1)
OFFER = "start the articles again"


def ask(house, email="ann@example.com"):
    return sign_up(house.runtime, Request(email, DRIP, name="Ann")).lead


def again(house, lead):
    return resubscribe(house.runtime, lead, Consent("Again, please.", "/resubscribe"), "page")


def steps(house):
    return [mail.partition("/")[2] for mail in house.sent() if mail.startswith(f"{DRIP}/")]


def every_step(house):
    return [step.name for step in house.runtime.catalogue.campaigns[DRIP].steps]


def last_words(house, kind="plain"):
    mail = message_from_bytes(house.transport.mails[-1].data, policy=default)
    return " ".join(mail.get_body((kind,)).get_content().split())


def test_the_drip_goes_on_where_it_stopped_without_a_burst_and_sends_nothing_twice(any_house):
    house, ben, lead = any_house, ask(any_house, "ben@example.com"), ask(any_house)
    house.live_until(MONDAY + 4 * DAY)
    for each in (lead, ben):
        assert unsubscribe(house.runtime, each)
    house.live_until(MONDAY + 60 * DAY)
    before = len(house.transport.mails)
    restarted = again(house, lead)
    assert (restarted.is_news, restarted.campaigns) == (True, (DRIP,))
    house.live_until(MONDAY + 62 * DAY)
    assert len(house.transport.mails) == before
    house.live_until(MONDAY + 200 * DAY)
    sent = steps(house)
    assert [sent.count(step) for step in every_step(house)] == [2, 2, 2] + [1] * 12
    assert is_unsubscribed(house.runtime, ben)
    assert {mail.recipient for mail in house.transport.mails[before:]} == {lead.email}


def test_saying_it_twice_is_no_news_and_gives_one_consent(house):
    lead = ask(house)
    assert not again(house, lead).is_news
    unsubscribe(house.runtime, lead)
    assert again(house, lead).is_news
    assert not again(house, lead).is_news
    with house.runtime.database.read() as connection:
        kinds = [event.kind for event in events_of_lead(connection, lead.id)]
    assert kinds == [EventKind.REPORT_REQUESTED, EventKind.UNSUBSCRIBED, EventKind.RESUBSCRIBED]


def test_an_undo_lets_an_article_go_that_was_already_queued(house):
    lead = ask(house)
    house.work()
    house.clock.forward(days=1)
    sweep(house.runtime)
    unsubscribe(house.runtime, lead)
    assert again(house, lead).campaigns == (DRIP,)
    house.live_until(MONDAY + 4 * DAY)
    assert steps(house) == every_step(house)[:3]


def test_who_asks_again_gets_the_report_and_a_link_and_then_exactly_one_drip_goes_on(any_house):
    house, lead = any_house, ask(any_house)
    house.live_until(MONDAY + 4 * DAY)
    unsubscribe(house.runtime, lead)
    for _ in range(2):
        house.live_until(house.clock.now + 3 * DAY)
        ask(house)
        house.work()
        for kind in ("plain", "html"):
            assert OFFER in last_words(house, kind)
    house.live_until(MONDAY + 60 * DAY)
    assert is_unsubscribed(house.runtime, lead)
    assert again(house, lead).campaigns == (DRIP,)
    house.live_until(MONDAY + 200 * DAY)
    drip = every_step(house)
    assert steps(house) == [*drip[:3], "report", "report", *drip[3:]]


def test_whoever_has_had_them_all_or_never_stopped_them_is_offered_nothing(house):
    ask(house)
    house.live_until(MONDAY + DAY)
    lead = ask(house)
    house.work()
    assert OFFER not in last_words(house)
    house.live_until(MONDAY + 100 * DAY)
    unsubscribe(house.runtime, lead)
    ask(house)
    house.work()
    assert OFFER not in last_words(house)
    assert again(house, lead).campaigns == ()


def test_booked_meanwhile_the_drip_waits_for_the_visit_and_goes_on_after_a_missed_one(house):
    lead = ask(house)
    house.live_until(MONDAY + 4 * DAY)
    unsubscribe(house.runtime, lead)
    visit = visits.book(house.runtime, lead.email, MONDAY + 8 * DAY)
    assert again(house, lead).campaigns == ()
    house.live_until(visit.starts_at + timedelta(minutes=40))
    assert steps(house) == every_step(house)[:3]
    visits.change(house.runtime, visit.id, "no-show")
    house.live_until(MONDAY + 30 * DAY)
    assert steps(house)[:5] == every_step(house)[:5]


def test_a_booking_cancelled_while_unsubscribed_leaves_the_drip_to_the_lead(house):
    lead = ask(house)
    house.live_until(MONDAY + 4 * DAY)
    visit = visits.book(house.runtime, lead.email, MONDAY + 8 * DAY)
    unsubscribe(house.runtime, lead)
    visits.change(house.runtime, visit.id, "cancel")
    house.live_until(MONDAY + 12 * DAY)
    assert steps(house) == every_step(house)[:3]
    assert again(house, lead).campaigns == (DRIP,)
    house.live_until(MONDAY + 30 * DAY)
    assert steps(house)[:5] == every_step(house)[:5]


def test_whoever_wrote_back_hears_from_a_person_and_not_from_the_drip(house):
    lead = ask(house)
    house.live_until(MONDAY + 4 * DAY)
    unsubscribe(house.runtime, lead)
    note_reply(house.runtime, lead)
    assert again(house, lead).campaigns == ()
    house.live_until(MONDAY + 100 * DAY)
    assert steps(house) == every_step(house)[:3]


@pytest.mark.parametrize("kind", [EventKind.COMPLAINED, EventKind.BOUNCED])
def test_a_complaint_and_a_bounce_are_not_taken_back(house, kind):
    lead = ask(house)
    unsubscribe(house.runtime, lead)
    with house.runtime.database.begin() as connection:
        lock_lead(connection, lead.id)
        record_event(connection, house.runtime, Event(kind, lead.id, house.clock.now))
    assert again(house, lead).reason == kind
    assert is_unsubscribed(house.runtime, lead)
