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


def ask(installation, email="ann@example.com"):
    return sign_up(installation.runtime, Request(email, DRIP, name="Ann")).lead


def again(installation, lead):
    return resubscribe(installation.runtime, lead, Consent("Again, please.", "/resubscribe"), "page")


def steps(installation):
    return [mail.partition("/")[2] for mail in installation.sent() if mail.startswith(f"{DRIP}/")]


def every_step(installation):
    return [step.name for step in installation.runtime.catalogue.campaigns[DRIP].steps]


def last_words(installation, kind="plain"):
    mail = message_from_bytes(installation.transport.mails[-1].data, policy=default)
    return " ".join(mail.get_body((kind,)).get_content().split())


def test_the_drip_goes_on_where_it_stopped_without_a_burst_and_sends_nothing_twice(any_installation):
    installation, ben, lead = any_installation, ask(any_installation, "ben@example.com"), ask(any_installation)
    installation.live_until(MONDAY + 4 * DAY)
    for each in (lead, ben):
        assert unsubscribe(installation.runtime, each)
    installation.live_until(MONDAY + 60 * DAY)
    before = len(installation.transport.mails)
    restarted = again(installation, lead)
    assert (restarted.is_news, restarted.campaigns) == (True, (DRIP,))
    installation.live_until(MONDAY + 62 * DAY)
    assert len(installation.transport.mails) == before
    installation.live_until(MONDAY + 200 * DAY)
    sent = steps(installation)
    assert [sent.count(step) for step in every_step(installation)] == [2, 2, 2] + [1] * 12
    assert is_unsubscribed(installation.runtime, ben)
    assert {mail.recipient for mail in installation.transport.mails[before:]} == {lead.email}


def test_saying_it_twice_is_no_news_and_gives_one_consent(installation):
    ben, lead = ask(installation, "ben@example.com"), ask(installation)
    unsubscribe(installation.runtime, ben)
    assert not again(installation, lead).is_news
    unsubscribe(installation.runtime, lead)
    assert again(installation, lead).is_news
    assert not again(installation, lead).is_news
    assert is_unsubscribed(installation.runtime, ben)
    with installation.runtime.database.read() as connection:
        kinds = [event.kind for event in events_of_lead(connection, lead.id)]
    assert kinds == [EventKind.REPORT_REQUESTED, EventKind.UNSUBSCRIBED, EventKind.RESUBSCRIBED]


def test_an_undo_lets_an_article_go_that_was_already_queued(installation):
    lead = ask(installation)
    installation.work()
    installation.clock.forward(days=1)
    sweep(installation.runtime)
    unsubscribe(installation.runtime, lead)
    assert again(installation, lead).campaigns == (DRIP,)
    installation.live_until(MONDAY + 4 * DAY)
    assert steps(installation) == every_step(installation)[:3]


def test_who_asks_again_gets_the_report_and_a_link_and_then_exactly_one_drip_goes_on(any_installation):
    installation, lead = any_installation, ask(any_installation)
    installation.live_until(MONDAY + 4 * DAY)
    unsubscribe(installation.runtime, lead)
    for _ in range(2):
        installation.live_until(installation.clock.now + 3 * DAY)
        ask(installation)
        installation.work()
        for kind in ("plain", "html"):
            assert OFFER in last_words(installation, kind)
    installation.live_until(MONDAY + 60 * DAY)
    assert is_unsubscribed(installation.runtime, lead)
    assert again(installation, lead).campaigns == (DRIP,)
    installation.live_until(MONDAY + 200 * DAY)
    drip = every_step(installation)
    assert steps(installation) == [*drip[:3], "report", "report", *drip[3:]]


def test_whoever_has_had_them_all_or_never_stopped_them_is_offered_nothing(installation):
    ask(installation)
    installation.live_until(MONDAY + DAY)
    lead = ask(installation)
    installation.work()
    assert OFFER not in last_words(installation)
    installation.live_until(MONDAY + 100 * DAY)
    unsubscribe(installation.runtime, lead)
    ask(installation)
    installation.work()
    assert OFFER not in last_words(installation)
    assert again(installation, lead).campaigns == ()


def test_booked_meanwhile_the_drip_waits_for_the_visit_and_goes_on_after_a_missed_one(installation):
    lead = ask(installation)
    installation.live_until(MONDAY + 4 * DAY)
    unsubscribe(installation.runtime, lead)
    visit = visits.book(installation.runtime, lead.email, MONDAY + 8 * DAY)
    assert again(installation, lead).campaigns == ()
    installation.live_until(visit.starts_at + timedelta(minutes=40))
    assert steps(installation) == every_step(installation)[:3]
    visits.change(installation.runtime, visit.id, "no-show")
    installation.live_until(MONDAY + 30 * DAY)
    assert steps(installation)[:5] == every_step(installation)[:5]


def test_a_booking_cancelled_while_unsubscribed_leaves_the_drip_to_the_lead(installation):
    lead = ask(installation)
    installation.live_until(MONDAY + 4 * DAY)
    visit = visits.book(installation.runtime, lead.email, MONDAY + 8 * DAY)
    unsubscribe(installation.runtime, lead)
    visits.change(installation.runtime, visit.id, "cancel")
    installation.live_until(MONDAY + 12 * DAY)
    assert steps(installation) == every_step(installation)[:3]
    assert again(installation, lead).campaigns == (DRIP,)
    installation.live_until(MONDAY + 30 * DAY)
    assert steps(installation)[:5] == every_step(installation)[:5]


def test_whoever_wrote_back_hears_from_a_person_and_not_from_the_drip(installation):
    lead = ask(installation)
    installation.live_until(MONDAY + 4 * DAY)
    unsubscribe(installation.runtime, lead)
    note_reply(installation.runtime, lead)
    assert again(installation, lead).campaigns == ()
    installation.live_until(MONDAY + 100 * DAY)
    assert steps(installation) == every_step(installation)[:3]


@pytest.mark.parametrize("kind", [EventKind.COMPLAINED, EventKind.BOUNCED])
def test_a_complaint_and_a_bounce_are_not_taken_back(installation, kind):
    ben, lead = ask(installation, "ben@example.com"), ask(installation)
    unsubscribe(installation.runtime, lead)
    with installation.runtime.database.begin() as connection:
        lock_lead(connection, lead.id)
        record_event(connection, installation.runtime, Event(kind, lead.id, installation.clock.now))
    assert again(installation, lead).reason == kind
    assert is_unsubscribed(installation.runtime, lead)
    assert not is_unsubscribed(installation.runtime, ben)
