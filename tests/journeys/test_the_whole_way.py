"""From the report asked for to the visit attended, and the turns people take on the way."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from zoneinfo import ZoneInfo

import pytest

from nurture.domain.event import Event, EventKind
from nurture.domain.retry import Failure
from nurture.domain.segment import Segment
from nurture.service import visits
from nurture.service.dispatch import dispatch_queued
from nurture.service.enqueue import Enqueued, enqueue
from nurture.service.feedback import record_event
from nurture.service.preferences import unsubscribe
from nurture.service.request import Request
from nurture.service.signup import sign_up
from nurture.service.sweep import sweep
from nurture.store.leads import all_leads, lock_lead
from nurture.store.queries.delivery_list import listed
from nurture.transport.outcome import Accepted, Failed, InDoubt
from nurture.web.app import create_web
from tests.conftest import MONDAY

DRIP = "lumbar-sciatica"
DAY = timedelta(days=1)


def ask(installation, email="ann@example.com", **more):
    return sign_up(installation.runtime, Request(email, DRIP, **({"name": "Ann"} | more)))


def steps(installation, campaign):
    return [mail.partition("/")[2] for mail in installation.sent() if mail.startswith(f"{campaign}/")]


def test_a_lead_who_only_reads_gets_every_step_once(any_installation):
    ask(any_installation)
    any_installation.live_until(MONDAY + 100 * DAY)
    campaign = any_installation.runtime.catalogue.campaigns[DRIP]
    assert steps(any_installation, DRIP) == [step.name for step in campaign.steps]
    assert len(any_installation.transport.mails) == 15
    assert any_installation.next_instant() is None


def test_booking_stops_the_drip_and_the_visit_is_confirmed_reminded_of_and_thanked_for(any_installation):
    installation, lead = any_installation, ask(any_installation)
    installation.live_until(MONDAY + 4 * DAY)
    visit = visits.book(installation.runtime, lead.lead.email, MONDAY + 10 * DAY)
    installation.live_until(visit.starts_at + timedelta(hours=1))
    visits.change(installation.runtime, visit.id, "attended")
    installation.live_until(MONDAY + 60 * DAY)
    assert steps(installation, DRIP) == ["report", "dry-needling", "what-a-visit-is"]
    visit_mails = ["confirmation", "three-days", "day-before", "same-morning", "thank-you"]
    assert steps(installation, "discovery-visit") == visit_mails


def test_after_a_missed_visit_two_kind_mails_and_then_the_drip_goes_on(installation):
    lead = ask(installation)
    installation.live_until(MONDAY + 4 * DAY)
    visit = visits.book(installation.runtime, lead.lead.email, MONDAY + 7 * DAY)
    installation.live_until(visit.starts_at + timedelta(minutes=40))
    visits.change(installation.runtime, visit.id, "no-show")
    installation.live_until(MONDAY + 100 * DAY)
    assert steps(installation, "discovery-visit")[-2:] == ["missed-you", "another-time"]
    assert len(steps(installation, DRIP)) == 15


def test_a_moved_visit_is_confirmed_anew_and_only_the_new_time_is_reminded_of(installation):
    lead = ask(installation)
    visit = visits.book(installation.runtime, lead.lead.email, MONDAY + 5 * DAY)
    installation.live_until(MONDAY + DAY)
    visits.reschedule(installation.runtime, visit.id, MONDAY + 9 * DAY)
    installation.live_until(MONDAY + 8.5 * DAY)
    assert steps(installation, "discovery-visit") == ["confirmation", "confirmation", "three-days", "day-before"]


def test_a_cancelled_visit_is_said_to_be_off_and_the_drip_goes_on(installation):
    lead = ask(installation)
    installation.live_until(MONDAY + 2 * DAY)
    visit = visits.book(installation.runtime, lead.lead.email, MONDAY + 9 * DAY)
    installation.work()
    visits.change(installation.runtime, visit.id, "cancel")
    installation.live_until(MONDAY + 100 * DAY)
    assert steps(installation, "visit-cancelled") == ["cancelled"]
    assert steps(installation, "discovery-visit") == ["confirmation"]
    assert len(steps(installation, DRIP)) == 15


@pytest.mark.parametrize("kind", [EventKind.REPLIED, EventKind.BOUNCED, EventKind.COMPLAINED])
def test_a_reply_a_bounce_and_a_complaint_each_end_the_drip(installation, kind):
    lead = ask(installation).lead
    installation.work()
    with installation.runtime.database.begin() as connection:
        lock_lead(connection, lead.id)
        queued = record_event(connection, installation.runtime, Event(kind, lead.id, installation.clock.now))
    dispatch_queued(installation.runtime, queued)
    installation.live_until(MONDAY + 30 * DAY)
    assert steps(installation, DRIP) == ["report"]


def test_an_unsubscribe_stops_articles_even_one_that_is_already_queued(any_installation):
    installation, lead = any_installation, ask(any_installation).lead
    installation.work()
    installation.clock.forward(days=1)
    sweep(installation.runtime)
    assert installation.ledger()[-1] == (f"{DRIP}/dry-needling", "queued", None)
    assert unsubscribe(installation.runtime, lead)
    assert not unsubscribe(installation.runtime, lead)
    installation.live_until(MONDAY + 30 * DAY)
    assert installation.ledger()[-1] == (f"{DRIP}/dry-needling", "skipped", "unsubscribed")


def test_an_unsubscribed_lead_who_books_still_gets_reminders(installation):
    lead = ask(installation).lead
    unsubscribe(installation.runtime, lead)
    visits.book(installation.runtime, lead.email, MONDAY + 6 * DAY)
    installation.live_until(MONDAY + 6 * DAY)
    assert steps(installation, "discovery-visit") == ["confirmation", "three-days", "day-before", "same-morning"]


def test_asking_again_brings_the_report_again_but_not_the_articles_twice(installation):
    first = ask(installation)
    assert ask(installation).enrolment_public_id == first.enrolment_public_id
    installation.live_until(MONDAY + 2 * DAY)
    ask(installation)
    installation.live_until(MONDAY + 100 * DAY)
    assert steps(installation, DRIP).count("report") == 2
    assert steps(installation, DRIP).count("dry-needling") == 1


def test_the_report_announces_articles_only_to_those_who_will_get_them(installation):
    lead = ask(installation).lead
    installation.live_until(MONDAY + DAY / 24)
    ask(installation)
    ben = ask(installation, "ben@example.com").lead
    installation.work()
    unsubscribe(installation.runtime, ben)
    installation.live_until(MONDAY + DAY / 12)
    ask(installation, ben.email)
    installation.work()
    mails = [(mail.recipient, message_from_bytes(mail.data, policy=default)) for mail in installation.transport.mails]
    for kind in ("plain", "html"):
        bodies = [(to, mail.get_body((kind,)).get_content().lower()) for to, mail in mails]
        told = [(to, "what follows" in body) for to, body in bodies]
        assert told == [(lead.email, True), (lead.email, False), (ben.email, True), (ben.email, False)]
        # The second report starts nothing, but the articles that the first one started go on.
        assert [("/unsubscribe/" in body) for _, body in bodies] == [True, True, True, False]
    assert [mail["List-Unsubscribe"] is not None for _, mail in mails] == [True, True, True, False]


def test_the_way_out_of_the_report_works_before_the_first_article(installation):
    ask(installation)
    installation.work()
    [report] = installation.transport.mails
    mail = message_from_bytes(report.data, policy=default)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = str(mail["List-Unsubscribe"]).split(">")[0].lstrip("<")
    assert all(url in mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert create_web(installation.runtime).test_client().post("/" + url.split("/", 3)[3]).status_code == 200
    installation.live_until(MONDAY + 30 * DAY)
    assert installation.sent() == [f"{DRIP}/report"]


def test_a_report_that_nothing_follows_announces_nothing(installation):
    campaign = installation.runtime.catalogue.campaigns[DRIP]
    alone = replace(campaign, steps=campaign.steps[:1])
    catalogue = replace(installation.runtime.catalogue, campaigns={DRIP: alone})
    installation.runtime = replace(installation.runtime, catalogue=catalogue)
    ask(installation)
    installation.work()
    mail = message_from_bytes(installation.transport.mails[0].data, policy=default)
    assert mail["List-Unsubscribe"] is None
    assert "WHAT FOLLOWS" not in mail.get_body(("plain",)).get_content()


def test_an_outage_of_two_days_is_not_followed_by_a_burst(installation):
    ask(installation)
    installation.live_until(MONDAY + 4 * DAY)
    before = len(installation.transport.mails)
    installation.clock.now = MONDAY + 8 * DAY
    installation.work()
    assert len(installation.transport.mails) == before + 1
    installation.live_until(MONDAY + 9 * DAY)
    assert len(installation.transport.mails) == before + 1


def test_after_a_long_outage_stale_steps_are_skipped_and_said_to_be(installation):
    ask(installation)
    installation.work()
    installation.clock.now = MONDAY + 60 * DAY
    installation.work()
    assert installation.ledger()[-1] == (f"{DRIP}/dry-needling", "skipped", "stale")
    assert len(installation.transport.mails) == 1


def test_a_relay_that_is_away_delays_the_report_and_nothing_is_sent_twice(installation):
    installation.transport.answers = [Failed(Failure.UNREACHABLE, "refused"), Failed(Failure.DEFERRED, "451 later")]
    ask(installation)
    installation.live_until(MONDAY + timedelta(minutes=30))
    assert installation.sent() == [f"{DRIP}/report"]
    assert len(installation.transport.mails) == 1


def test_a_dead_address_ends_everything_and_says_so(installation):
    installation.transport.answers = [Failed(Failure.RECIPIENT_REFUSED, "550 5.1.1 unknown", address_is_dead=True)]
    ask(installation)
    installation.live_until(MONDAY + 30 * DAY)
    assert installation.ledger() == [(f"{DRIP}/report", "failed", "recipient_refused: 550 5.1.1 unknown")]
    assert installation.next_instant() is None


def test_a_report_in_doubt_goes_once_more_under_the_same_id_but_never_an_article(installation):
    installation.transport.answers = [InDoubt("no answer"), Accepted("250"), InDoubt("no answer")]
    ask(installation)
    installation.live_until(MONDAY + 2 * DAY)
    states = [state for _, state, _ in installation.ledger()]
    assert states[:2] == ["sent", "uncertain"]
    assert installation.ledger()[1][2] == "no answer"


def test_enqueue_enrols_a_segment_once(installation):
    ask(installation)
    ask(installation, "ben@example.com", source="phone")
    assert enqueue(installation.runtime, DRIP, Segment("all")) == Enqueued(0, 2)
    assert enqueue(installation.runtime, DRIP, Segment("source:phone"), dry_run=True) == Enqueued(0, 1)


def test_leads_of_the_whole_world_get_their_mail_by_their_own_clock(installation):
    for zone in ("America/Los_Angeles", "Europe/London", "Australia/Lord_Howe"):
        ask(installation, f"{zone.lower().replace('/', '.')}@example.com", zone=zone)
    installation.live_until(MONDAY + 3 * DAY)
    with installation.runtime.database.read() as connection:
        zones = {lead.id: lead.zone for lead in all_leads(connection)}
        mails = [each.delivery for each in listed(connection) if each.delivery.step == "dry-needling"]
    hours = [mail.settled_at.astimezone(ZoneInfo(zones[mail.lead_id].key)).hour for mail in mails]
    assert len(hours) == 3
    assert all(9 <= hour <= 18 for hour in hours)


def test_the_clock_that_runs_backwards_sends_nothing_early_or_twice(installation):
    ask(installation)
    installation.live_until(MONDAY + 7 * DAY)
    count = len(installation.transport.mails)
    installation.clock.now = datetime(2026, 3, 5, 12, tzinfo=UTC)
    installation.work()
    assert len(installation.transport.mails) == count
