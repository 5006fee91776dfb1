"""Leads without an address, on both databases: visits and everything else, and never a mail."""

from dataclasses import replace
from datetime import timedelta

import pytest

from nurture.domain.campaign import CalendarMethod
from nurture.domain.errors import Refusal
from nurture.domain.segment import Segment
from nurture.mail.compose import appointment
from nurture.render.calendar import calendar_bytes
from nurture.service import visits
from nurture.service.caller import add_caller
from nurture.service.edit import Edit, edit
from nurture.service.enqueue import enqueue
from nurture.service.request import Request
from nurture.service.resend import resend
from nurture.service.signup import sign_up
from nurture.store.leads import all_leads

PHONE = "(817) 555-0102"


@pytest.fixture
def caller(any_installation):
    """A lead without an address, beside another one and one with an address."""
    first = add_caller(any_installation.runtime, Request("", "", "Tom", PHONE)).lead
    add_caller(any_installation.runtime, Request("", "", "Eve", PHONE))
    sign_up(any_installation.runtime, Request("ann@example.com", "lumbar-sciatica"))
    return first


def test_a_visit_is_booked_kept_and_followed_by_no_mail(any_installation, caller):
    visit = visits.book(any_installation.runtime, str(caller.id), any_installation.clock.now + timedelta(days=10))
    any_installation.live_until(visit.starts_at + timedelta(hours=1))
    assert visits.change(any_installation.runtime, visit.id, "attended").status == "attended"
    any_installation.live_until(visit.starts_at + timedelta(days=120))
    assert {mail.recipient for mail in any_installation.transport.mails} == {"ann@example.com"}
    about_it = [each for each in any_installation.ledger() if each[0].startswith("discovery-visit/")]
    assert {state for _, state, _ in about_it} == {"skipped"}
    assert {reason for _, _, reason in about_it} == {"no_address", "not this_no_show"}
    assert any_installation.next_instant() is None


def test_a_campaign_passes_over_who_has_no_address(any_installation, caller):
    done = enqueue(any_installation.runtime, "lumbar-sciatica", Segment("all"))
    assert (done.enrolled, done.already, done.passed_over) == (0, 1, 2)
    any_installation.live_until(any_installation.clock.now + timedelta(days=120))
    assert {mail.recipient for mail in any_installation.transport.mails} == {"ann@example.com"}
    assert any_installation.next_instant() is None


def test_with_an_address_mail_goes_there(any_installation, caller):
    visits.book(any_installation.runtime, str(caller.id), any_installation.clock.now + timedelta(days=10))
    any_installation.work()
    assert edit(any_installation.runtime, caller, Edit(email="tom@example.com")).email == "tom@example.com"
    any_installation.live_until(any_installation.clock.now + timedelta(days=10))
    assert [mail.recipient for mail in any_installation.transport.mails].count("tom@example.com") == 3


def test_nothing_is_sent_once_more_to_nowhere(installation):
    caller = add_caller(installation.runtime, Request("", "", "Tom", PHONE)).lead
    assert resend(installation.runtime, caller).reason == "no_address"


@pytest.mark.parametrize("phone", ["", "220-6677", "call me"])
def test_whoever_has_neither_address_nor_phone_is_not_written_down(installation, phone):
    assert isinstance(add_caller(installation.runtime, Request("", "", "Tom", phone)), Refusal)
    with installation.runtime.database.read() as connection:
        assert all_leads(connection) == []


def test_the_page_asks_for_an_address_all_the_same(installation):
    assert sign_up(installation.runtime, Request("", "lumbar-sciatica", "Tom", PHONE)).reason == "bad_address"


def test_a_calendar_file_names_nobody_who_cannot_be_written_to(installation):
    caller = add_caller(installation.runtime, Request("", "", "Tom", PHONE)).lead
    visit = visits.book(installation.runtime, PHONE, installation.clock.now + timedelta(days=10))
    entry = appointment(installation.runtime.mail_kit, visit, caller.email)
    assert b"ATTENDEE" not in calendar_bytes(entry, CalendarMethod.REQUEST, installation.clock.now)
    assert b"ATTENDEE" in calendar_bytes(
        replace(entry, attendee="a@b.cc"), CalendarMethod.REQUEST, installation.clock.now
    )
