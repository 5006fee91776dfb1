"""What staff correct of a lead, and a report once more. On both databases, among two leads."""

import pytest

from nurture.domain.errors import Refusal
from nurture.domain.event import Event, EventKind
from nurture.service.edit import Edit, edit
from nurture.service.feedback import record_event
from nurture.service.preferences import unsubscribe
from nurture.service.request import Request
from nurture.service.resend import resend
from nurture.service.signup import add_by_hand, sign_up
from nurture.store.leads import all_leads, lock_lead
from nurture.store.notes import notes_of_lead
from nurture.store.suppressions import suppressions_of_leads
from nurture.transport.outcome import Failed, Failure

WRONG, RIGHT, OTHER = "ann@gmail.example", "ann@example.com", "ben@example.com"
REPORT = "lumbar-sciatica"


@pytest.fixture
def leads(any_installation):
    """Ben, and Ann with the wrong address, neither mailed yet."""
    asked = [sign_up(any_installation.runtime, Request(email, REPORT)) for email in (OTHER, WRONG)]
    return [each.lead for each in asked]


def held(installation):
    """What holds each lead back, by address."""
    with installation.runtime.database.read() as connection:
        known = {lead.id: lead.email for lead in all_leads(connection)}
        return {known[each]: sorted(reasons) for each, reasons in suppressions_of_leads(connection, set(known)).items()}


def recipients(installation):
    return [mail.recipient for mail in installation.transport.mails]


def bounce(installation, lead):
    with installation.runtime.database.begin() as connection:
        lock_lead(connection, lead.id)
        record_event(connection, installation.runtime, Event(EventKind.BOUNCED, lead.id, installation.clock.now))


def test_a_corrected_address_gets_the_mail_that_was_waiting(any_installation, leads):
    assert edit(any_installation.runtime, leads[1], Edit(email="Ann@Example.com")).email == RIGHT
    any_installation.work()
    assert recipients(any_installation) == [OTHER, RIGHT]
    with any_installation.runtime.database.read() as connection:
        assert [each.words for each in notes_of_lead(connection, leads[1].id)] == [
            f"Corrected by staff: address was “{WRONG}”."
        ]
        assert notes_of_lead(connection, leads[0].id) == []


@pytest.mark.parametrize("reason", ["unsubscribed", "complained"])
def test_what_holds_a_person_back_holds_at_both_addresses(any_installation, leads, reason):
    any_installation.work()
    with any_installation.runtime.database.begin() as connection:
        lock_lead(connection, leads[1].id)
        record_event(
            connection, any_installation.runtime, Event(EventKind(reason), leads[1].id, any_installation.clock.now)
        )
    edit(any_installation.runtime, leads[1], Edit(email=RIGHT))
    assert held(any_installation) == {RIGHT: [reason]}
    again = sign_up(any_installation.runtime, Request(WRONG, REPORT)).lead
    assert again.id != leads[1].id
    assert held(any_installation) == {RIGHT: [reason], WRONG: [reason]}


def test_after_a_bounce_the_campaign_goes_on_at_the_new_address_and_the_old_one_stays_held_back(
    any_installation, leads
):
    any_installation.transport.answers = [Failed(Failure.RECIPIENT_REFUSED, "550 5.1.1 unknown", address_is_dead=True)]
    any_installation.work()
    assert held(any_installation) == {OTHER: ["bounced"]}
    edit(any_installation.runtime, leads[0], Edit(name="Ben"))
    any_installation.clock.forward(days=2)
    any_installation.work()
    assert recipients(any_installation) == [WRONG, WRONG]
    edit(any_installation.runtime, leads[0], Edit(email=RIGHT))
    assert held(any_installation) == {}
    assert not isinstance(resend(any_installation.runtime, leads[0]), Refusal)
    any_installation.clock.forward(days=2)
    any_installation.work()
    assert recipients(any_installation).count(RIGHT) == 2
    sign_up(any_installation.runtime, Request(OTHER, REPORT))
    assert held(any_installation) == {OTHER: ["bounced"]}


def test_a_new_address_that_is_dead_itself_stays_so(any_installation, leads):
    any_installation.work()
    bounce(any_installation, leads[0])
    edit(any_installation.runtime, leads[0], Edit(email="x@example.com"))
    bounce(any_installation, leads[1])
    assert edit(any_installation.runtime, leads[1], Edit(email=OTHER)).email == OTHER
    assert held(any_installation) == {OTHER: ["bounced"]}


def test_an_address_of_another_lead_is_not_taken(any_installation, leads):
    refusal = edit(any_installation.runtime, leads[1], Edit(email=OTHER, name="Ann"))
    assert (refusal.reason, f"lead {leads[0].id}" in refusal.sentence) == ("address_taken", True)
    with any_installation.runtime.database.read() as connection:
        assert [(each.email, each.name) for each in all_leads(connection)] == [(WRONG, ""), (OTHER, "")]


@pytest.mark.parametrize(
    "wanted",
    [Edit(email="nobody"), Edit(phone="call me"), Edit(zone="Mars/Base"), Edit(name="a@b"), Edit(topics=("x" * 65,))],
)
def test_one_field_that_cannot_be_read_changes_none(installation, wanted):
    lead = sign_up(installation.runtime, Request(WRONG, REPORT)).lead
    assert isinstance(edit(installation.runtime, lead, wanted), Refusal)
    with installation.runtime.database.read() as connection:
        assert all_leads(connection) == [lead]


def test_fields_are_put_right_and_emptied(installation):
    lead = sign_up(installation.runtime, Request(WRONG, REPORT, "Ann", "817-555-0102")).lead
    wanted = Edit(name="", phone="(817) 555 0103", zone="Europe/London", topics=("golf",), not_topics=("lumbar",))
    edited = edit(installation.runtime, lead, wanted)
    assert (edited.name, edited.phone_e164, edited.zone.key) == ("", "+18175550103", "Europe/London")
    assert edited.topics == {"golf", "sciatica"}
    with installation.runtime.database.read() as connection:
        assert all_leads(connection) == [edited]


def test_another_zone_moves_what_is_to_come(installation):
    lead = sign_up(installation.runtime, Request(WRONG, REPORT)).lead
    installation.work()
    before = installation.next_instant()
    edit(installation.runtime, lead, Edit(zone="Asia/Tokyo"))
    assert installation.next_instant() != before


def test_a_report_goes_once_more_and_the_articles_go_on_as_they_were(any_installation, leads):
    any_installation.work()
    assert not isinstance(resend(any_installation.runtime, leads[1]), Refusal)
    assert resend(any_installation.runtime, leads[1]).reason == "on_its_way"
    any_installation.work()
    assert recipients(any_installation) == [OTHER, WRONG, WRONG]
    any_installation.clock.forward(days=2)
    any_installation.work()
    articles = [
        mail for mail, state, _ in any_installation.ledger() if mail.endswith("dry-needling") and state == "sent"
    ]
    assert len(articles) == 2


def test_a_report_goes_to_who_unsubscribed_and_to_nobody_whose_address_is_dead(any_installation, leads):
    any_installation.work()
    unsubscribe(any_installation.runtime, leads[0])
    bounce(any_installation, leads[1])
    assert not isinstance(resend(any_installation.runtime, leads[0]), Refusal)
    assert resend(any_installation.runtime, leads[1]).reason == "bounced"
    any_installation.work()
    assert recipients(any_installation) == [OTHER, WRONG, OTHER]


def test_who_never_asked_for_a_report_is_not_sent_one(installation):
    lead = add_by_hand(installation.runtime, Request(WRONG, "")).lead
    assert resend(installation.runtime, lead).reason == "never_asked"
