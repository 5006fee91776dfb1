"""The confirmation of a visit once more, at another address. On both databases, among two leads."""

from datetime import timedelta

import pytest

from nurture.domain.errors import Refusal
from nurture.service import visits
from nurture.service.caller import add_caller
from nurture.service.edit import Edit, edit
from nurture.service.request import Request
from nurture.service.resend_visit import resend_visit, visit_ahead
from nurture.service.signup import add_by_hand
from tests.conftest import MONDAY

WRONG, RIGHT, OTHER = "ann@gmail.example", "ann@example.com", "ben@example.com"
STARTS = MONDAY + timedelta(days=5)
MAILS = ["confirmation", "three-days", "day-before", "same-morning"]


@pytest.fixture
def booked(any_installation):
    """Ben's visit, and Ann's under a wrong address; both were confirmed by mail."""
    leads = [add_by_hand(any_installation.runtime, Request(email, "")).lead for email in (OTHER, WRONG)]
    found = [visits.book(any_installation.runtime, lead.email, STARTS) for lead in leads]
    any_installation.work()
    return list(zip(leads, found, strict=True))


def recipients(installation):
    return [mail.recipient for mail in installation.transport.mails]


def test_it_goes_once_to_the_new_address_and_every_reminder_once_after_it(any_installation, booked):
    _, (ann, visit) = booked
    edit(any_installation.runtime, ann, Edit(email=RIGHT))
    assert resend_visit(any_installation.runtime, visit).email == RIGHT
    assert resend_visit(any_installation.runtime, visit).reason == "on_its_way"
    any_installation.work()
    assert recipients(any_installation) == [OTHER, WRONG, RIGHT]
    any_installation.live_until(STARTS)
    assert {each: recipients(any_installation).count(each) for each in (OTHER, RIGHT)} == {OTHER: 4, RIGHT: 4}
    assert sorted(any_installation.sent()) == sorted(
        f"discovery-visit/{each}" for each in [*MAILS, *MAILS, "confirmation"]
    )


def test_a_reminder_that_went_before_does_not_go_again(any_installation, booked):
    _, (ann, visit) = booked
    any_installation.live_until(STARTS - timedelta(days=2))
    edit(any_installation.runtime, ann, Edit(email=RIGHT))
    resend_visit(any_installation.runtime, visit)
    any_installation.live_until(STARTS)
    assert [recipients(any_installation).count(each) for each in (OTHER, WRONG, RIGHT)] == [4, 2, 3]


def test_who_gave_no_address_and_then_one_is_told_of_the_visit(any_installation):
    tom = add_caller(any_installation.runtime, Request("", "", "Tom", "(817) 555-0199")).lead
    visit = visits.book(any_installation.runtime, str(tom.id), STARTS)
    any_installation.work()
    assert resend_visit(any_installation.runtime, visit).reason == "no_address"
    edit(any_installation.runtime, tom, Edit(email=RIGHT))
    any_installation.work()
    assert recipients(any_installation) == []
    assert not isinstance(resend_visit(any_installation.runtime, visit), Refusal)
    any_installation.work()
    assert recipients(any_installation) == [RIGHT]


def test_a_visit_cancelled_or_past_is_not_confirmed(any_installation, booked):
    (ben, cancelled), (ann, past) = booked
    visits.change(any_installation.runtime, cancelled.id, "cancel")
    any_installation.live_until(STARTS)
    assert {resend_visit(any_installation.runtime, each).reason for each in (cancelled, past)} == {"not_ahead"}
    assert [visit_ahead(any_installation.runtime, each) for each in (ben, ann)] == [None, None]


def test_what_ends_the_visit_ends_what_was_sent_again(any_installation, booked):
    _, (_, visit) = booked
    resend_visit(any_installation.runtime, visit)
    any_installation.work()
    visits.change(any_installation.runtime, visit.id, "cancel")
    any_installation.live_until(STARTS)
    assert recipients(any_installation).count(WRONG) == 3
