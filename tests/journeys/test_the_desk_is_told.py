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
from nurture.transport.outcome import Failed, InDoubt
from nurture.web.app import create_web
from tests.conftest import MONDAY
from tests.journeys.desk import CALL, DAY, DESK, DRIP, HOUR, ask, calls, text, to_desk


def test_a_call_that_is_wanted_is_told_at_once_and_at_any_hour(any_installation):
    installation = any_installation
    installation.clock.now = datetime(2026, 7, 4, 8, tzinfo=UTC)  # 3 o'clock in the night of a holiday
    lead = ask(installation, phone="(817) 555-0102")
    installation.work()
    [mail] = to_desk(installation)
    assert (mail["To"], mail["Auto-Submitted"]) == (DESK, "auto-generated")
    assert not [name for name in mail if name.lower().startswith("list-")]
    assert mail["Subject"] == f"A call is wanted: lead {lead.id}"
    for kind in ("plain", "html"):
        words = mail.get_body((kind,)).get_content()
        assert [each for each in ("Ann Miller", lead.email, "(817) 555-0102") if each not in words] == []
        assert f"nurture lead show {lead.id}" in words


def test_it_is_told_once_a_day_for_each_lead(installation):
    for minutes in (0, 3, 60, 60 * 24):
        installation.clock.now = MONDAY + timedelta(minutes=minutes)
        ask(installation, phone="817 555 0102")
        ask(installation, "ben@example.com", phone="817 555 0103")
        installation.work()
    assert len(to_desk(installation)) == 4


def test_a_number_that_staff_type_in_asks_for_no_call(installation):
    sign_up(installation.runtime, Request("ann@example.com", DRIP, phone="817 555 0102"))
    installation.work()
    assert to_desk(installation) == []


def test_a_number_given_a_moment_later_by_a_known_lead_is_told_as_what_was_typed(installation):
    ask(installation)
    installation.work()
    ask(installation, phone="817 555 0199")
    installation.work()
    assert "gave the phone “817 555 0199”" in " ".join(text(to_desk(installation)[0]).split())


def test_past_a_limit_the_desk_hears_of_nobody_but_of_whom_it_knew_before(installation):
    settings = installation.runtime.settings
    limits = replace(settings.web.limits, report_a_day=1, network_an_hour=1)
    installation.runtime = replace(
        installation.runtime, settings=replace(settings, web=replace(settings.web, limits=limits))
    )
    ask(installation)
    installation.live_until(MONDAY + 0.5 * HOUR)
    ask(installation, phone="817 555 0102")
    ask(installation, "flood@example.com", phone="817 555 0103")
    installation.work()
    assert ["ann@example.com" in text(mail) for mail in to_desk(installation)] == [True]


def test_a_visit_cancelled_by_its_visitor_is_told_and_one_by_the_desk_itself_is_not(installation):
    for email, how in (("ann@example.com", "cancel-on-page"), ("ben@example.com", "cancel")):
        visit = visits.book(installation.runtime, ask(installation, email).email, MONDAY + 5 * DAY)
        for _ in range(2):
            visits.change(installation.runtime, visit.id, how)
    installation.work()
    [mail] = to_desk(installation)
    assert mail["Subject"] == "Visitor cancelled: Sat, Mar 7, 10:17 AM"
    assert "ann@example.com" in text(mail)
    assert installation.sent().count("visit-cancelled/cancelled") == 2


def test_a_visitor_without_an_address_is_told_of_too(any_installation):
    caller = add_caller(any_installation.runtime, Request("", "", "Tom", "(817) 555-0199")).lead
    visit = visits.book(any_installation.runtime, str(caller.id), MONDAY + 5 * DAY)
    visits.change(any_installation.runtime, visit.id, "cancel-on-page")
    any_installation.work()
    [mail] = to_desk(any_installation)
    assert "(817) 555-0199" in text(mail)
    assert any_installation.transport.mails == [
        each for each in any_installation.transport.mails if each.recipient == DESK
    ]


def test_the_pages_tell_of_a_number_left_and_of_a_visit_cancelled(installation):
    pages = create_web(installation.runtime).test_client()
    pages.post("/signup", data={"email": "ann@example.com", "phone": "817 555 0102"})
    pages.post("/signup", json={"email": "ben@example.com", "phone": "call me after six"})
    pages.post("/signup", json={"email": "zoe@example.com"})
    visit = visits.book(installation.runtime, "zoe@example.com", MONDAY + 5 * DAY)
    pages.post(installation.runtime.links.visit(visit.public_id), data={"act": "cancel"})
    installation.work()
    ann, ben, zoe = (text(mail) for mail in to_desk(installation))
    assert "817 555 0102" in ann
    assert "“call me after six”" in ben
    assert "zoe@example.com" in zoe


def test_a_reply_is_told_even_of_whom_no_mail_may_reach(any_installation):
    installation, lead = any_installation, ask(any_installation)
    unsubscribe(installation.runtime, lead)
    with installation.runtime.database.begin() as connection:
        lock_lead(connection, lead.id)
        record_event(connection, installation.runtime, Event(EventKind.COMPLAINED, lead.id, installation.clock.now))
    note_reply(installation.runtime, lead)
    installation.work()
    [mail] = to_desk(installation)
    assert mail["Subject"] == f"A reply: lead {lead.id}"


def test_without_an_address_nothing_is_written_down(installation):
    installation.runtime = replace(
        installation.runtime, settings=replace(installation.runtime.settings, desk_address="")
    )
    lead = ask(installation, phone="817 555 0102")
    note_reply(installation.runtime, lead)
    installation.work()
    assert installation.ledger() == [(f"{DRIP}/report", "sent", None)]


def test_it_counts_as_no_article_and_is_nobodys_to_enqueue(installation):
    ask(installation)
    installation.live_until(MONDAY + 0.95 * DAY)
    ask(installation, phone="817 555 0102")
    installation.live_until(MONDAY + 1.1 * DAY)
    assert {CALL, f"{DRIP}/dry-needling"} <= {*installation.sent()}
    assert enqueue(installation.runtime, "desk-call", Segment("all")).reason == "for_desk"


def test_an_address_of_the_desk_that_is_dead_says_nothing_of_the_lead_and_loses_no_news(any_installation):
    installation, gone = any_installation, Failed(Failure.RECIPIENT_REFUSED, "550 5.1.1 unknown", address_is_dead=True)
    lead = ask(installation)
    installation.work()
    note_reply(installation.runtime, lead)
    installation.transport.answers = [gone, gone]
    installation.live_until(MONDAY + HOUR)
    with installation.runtime.database.read() as connection:
        assert suppressions_of_leads(connection, {lead.id}) == {}
    assert len(to_desk(installation)) == 1


def test_a_mail_in_doubt_goes_once_more(installation):
    lead = ask(installation)
    installation.work()
    note_reply(installation.runtime, lead)
    installation.transport.answers = [InDoubt("no answer")]
    installation.work()
    assert installation.sent() == [f"{DRIP}/report", "desk-replied/news"]


def test_one_that_cannot_be_made_keeps_nobody_elses_news_to_itself(any_installation):
    installation = any_installation
    ask(installation, "odd@example.com", "817 555 0100")
    why, later = "unrenderable: no such picture", installation.clock.now + HOUR
    waiting = {"not_before": later, "unmade_with": installation.runtime.sources, "reason": why}
    with installation.runtime.database.begin() as connection:
        connection.execute(deliveries.update().where(deliveries.c.kind == MailKind.STAFF).values(waiting))
    ask(installation, "ann@example.com", "817 555 0101")
    installation.work()
    assert calls(installation) == [("queued", why), ("sent", None)]
