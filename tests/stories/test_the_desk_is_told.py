"""Who would like a call, who cancelled on the page and who wrote back: the front desk has a mail of it at once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from nurture.domain.event import Event, EventKind
from nurture.domain.message import MailKind
from nurture.domain.retry import Failure
from nurture.domain.segment import Segment
from nurture.service import visits
from nurture.service.caller import add_caller
from nurture.service.enqueue import enqueue
from nurture.service.feedback import record_event
from nurture.service.preferences import note_reply, unsubscribe
from nurture.service.signup import Request, sign_up
from nurture.store.leads import lock_lead
from nurture.store.schema import deliveries
from nurture.store.suppressions import suppressions_of_leads
from nurture.transport.outcome import Doubt, Failed
from nurture.web.app import create_web
from tests.conftest import MONDAY
from tests.stories.desk import CALL, DAY, DESK, DRIP, HOUR, ask, calls, text, to_desk


def test_a_call_that_is_wanted_is_told_at_once_and_at_any_hour(any_house):
    house = any_house
    house.clock.now = datetime(2026, 7, 4, 8, tzinfo=UTC)  # 3 o'clock in the night of a holiday
    lead = ask(house, phone="(817) 555-0102")
    house.work()
    [mail] = to_desk(house)
    assert (mail["To"], mail["Auto-Submitted"]) == (DESK, "auto-generated")
    assert not [name for name in mail if name.lower().startswith("list-")]
    assert mail["Subject"] == f"A call is wanted: lead {lead.id}"
    for kind in ("plain", "html"):
        words = mail.get_body((kind,)).get_content()
        assert [each for each in ("Ann Miller", lead.email, "(817) 555-0102") if each not in words] == []
        assert f"nurture lead show {lead.id}" in words


def test_it_is_told_once_a_day_for_each_lead(house):
    for minutes in (0, 3, 60, 60 * 24):
        house.clock.now = MONDAY + timedelta(minutes=minutes)
        ask(house, phone="817 555 0102")
        ask(house, "ben@example.com", phone="817 555 0103")
        house.work()
    assert len(to_desk(house)) == 4


def test_a_number_that_staff_type_in_asks_for_no_call(house):
    sign_up(house.runtime, Request("ann@example.com", DRIP, phone="817 555 0102"))
    house.work()
    assert to_desk(house) == []


def test_a_number_given_a_moment_later_by_a_known_lead_is_told_as_what_was_typed(house):
    ask(house)
    house.work()
    ask(house, phone="817 555 0199")
    house.work()
    assert "gave the phone “817 555 0199”" in " ".join(text(to_desk(house)[0]).split())


def test_past_a_limit_the_desk_hears_of_nobody_but_of_whom_it_knew_before(house):
    settings = house.runtime.settings
    limits = replace(settings.web.limits, report_a_day=1, network_an_hour=1)
    house.runtime = replace(house.runtime, settings=replace(settings, web=replace(settings.web, limits=limits)))
    ask(house)
    house.live_until(MONDAY + 0.5 * HOUR)
    ask(house, phone="817 555 0102")
    ask(house, "flood@example.com", phone="817 555 0103")
    house.work()
    assert ["ann@example.com" in text(mail) for mail in to_desk(house)] == [True]


def test_a_visit_cancelled_by_its_visitor_is_told_and_one_by_the_desk_itself_is_not(house):
    for email, how in (("ann@example.com", "cancel-on-page"), ("ben@example.com", "cancel")):
        visit = visits.book(house.runtime, ask(house, email).email, MONDAY + 5 * DAY)
        for _ in range(2):
            visits.change(house.runtime, visit.id, how)
    house.work()
    [mail] = to_desk(house)
    assert mail["Subject"] == "Visitor cancelled: Sat, Mar 7, 10:17 AM"
    assert "ann@example.com" in text(mail)
    assert house.sent().count("visit-cancelled/cancelled") == 2


def test_a_visitor_without_an_address_is_told_of_too(any_house):
    caller = add_caller(any_house.runtime, Request("", "", "Tom", "(817) 555-0199")).lead
    visit = visits.book(any_house.runtime, str(caller.id), MONDAY + 5 * DAY)
    visits.change(any_house.runtime, visit.id, "cancel-on-page")
    any_house.work()
    [mail] = to_desk(any_house)
    assert "(817) 555-0199" in text(mail)
    assert any_house.transport.mails == [each for each in any_house.transport.mails if each.recipient == DESK]


def test_the_pages_tell_of_a_number_left_and_of_a_visit_cancelled(house):
    pages = create_web(house.runtime).test_client()
    pages.post("/signup", data={"email": "ann@example.com", "phone": "817 555 0102"})
    pages.post("/signup", json={"email": "ben@example.com", "phone": "call me after six"})
    pages.post("/signup", json={"email": "zoe@example.com"})
    visit = visits.book(house.runtime, "zoe@example.com", MONDAY + 5 * DAY)
    pages.post(house.runtime.links.visit(visit.public_id), data={"act": "cancel"})
    house.work()
    ann, ben, zoe = (text(mail) for mail in to_desk(house))
    assert "817 555 0102" in ann
    assert "“call me after six”" in ben
    assert "zoe@example.com" in zoe


def test_a_reply_is_told_even_of_whom_no_mail_may_reach(any_house):
    house, lead = any_house, ask(any_house)
    unsubscribe(house.runtime, lead)
    with house.runtime.database.begin() as connection:
        lock_lead(connection, lead.id)
        record_event(connection, house.runtime, Event(EventKind.COMPLAINED, lead.id, house.clock.now))
    note_reply(house.runtime, lead)
    house.work()
    [mail] = to_desk(house)
    assert mail["Subject"] == f"A reply: lead {lead.id}"


def test_without_an_address_nothing_is_written_down(house):
    house.runtime = replace(house.runtime, settings=replace(house.runtime.settings, desk_address=""))
    lead = ask(house, phone="817 555 0102")
    note_reply(house.runtime, lead)
    house.work()
    assert house.ledger() == [(f"{DRIP}/report", "sent", None)]


def test_it_counts_as_no_article_and_is_nobodys_to_enqueue(house):
    ask(house)
    house.live_until(MONDAY + 0.95 * DAY)
    ask(house, phone="817 555 0102")
    house.live_until(MONDAY + 1.1 * DAY)
    assert {CALL, f"{DRIP}/dry-needling"} <= {*house.sent()}
    assert enqueue(house.runtime, "desk-call", Segment("all")).reason == "for_desk"


def test_an_address_of_the_desk_that_is_dead_says_nothing_of_the_lead_and_loses_no_news(any_house):
    house, gone = any_house, Failed(Failure.RECIPIENT_REFUSED, "550 5.1.1 unknown", address_is_dead=True)
    lead = ask(house)
    house.work()
    note_reply(house.runtime, lead)
    house.transport.answers = [gone, gone]
    house.live_until(MONDAY + HOUR)
    with house.runtime.database.read() as connection:
        assert suppressions_of_leads(connection, {lead.id}) == {}
    assert len(to_desk(house)) == 1


def test_a_mail_in_doubt_goes_once_more(house):
    lead = ask(house)
    house.work()
    note_reply(house.runtime, lead)
    house.transport.answers = [Doubt("no answer")]
    house.work()
    assert house.sent() == [f"{DRIP}/report", "desk-replied/news"]


def test_one_that_cannot_be_made_keeps_nobody_elses_news_to_itself(any_house):
    house = any_house
    ask(house, "odd@example.com", "817 555 0100")
    why, later = "unrenderable: no such picture", house.clock.now + HOUR
    waiting = {"not_before": later, "unmade_with": house.runtime.sources, "reason": why}
    with house.runtime.database.begin() as connection:
        connection.execute(deliveries.update().where(deliveries.c.kind == MailKind.STAFF).values(waiting))
    ask(house, "ann@example.com", "817 555 0101")
    house.work()
    assert calls(house) == [("queued", why), ("sent", None)]
