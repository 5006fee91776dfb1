"""What a signup makes of what was typed, for a new lead and for a known one."""

import pytest

from nurture.service.request import Request
from nurture.service.signup import sign_up
from nurture.store.leads import all_leads
from nurture.store.notes import notes_of_lead

ASKS = Request("ann@example.com", "lumbar-sciatica", "Ann", "(817) 555-0102 ext 5", "Europe/London", ("golf",), "fair")
UNREADABLE = {"name": "https://evil.example", "phone": "call me", "zone": "Mars/Base", "source": "x" * 65}


def kept(installation):
    """The leads, oldest first, each with what staff find noted."""
    with installation.runtime.database.read() as connection:
        leads = all_leads(connection)[::-1]
        return leads, [[each.words for each in notes_of_lead(connection, lead.id)] for lead in leads]


def test_a_phone_is_kept_as_typed_and_in_e164(any_installation):
    sign_up(any_installation.runtime, ASKS)
    [lead], notes = kept(any_installation)
    assert (lead.phone, lead.phone_e164, notes) == ("(817) 555-0102 ext 5", "+18175550102", [[]])


@pytest.mark.parametrize(("field", "typed"), [*UNREADABLE.items(), ("topics", ("x" * 65,))])
def test_an_optional_field_never_costs_a_signup_and_what_it_said_is_noted(any_installation, field, typed):
    sign_up(any_installation.runtime, Request("ben@example.com", "lumbar-sciatica"))
    sign_up(any_installation.runtime, Request("ann@example.com", "lumbar-sciatica", **{field: typed}))
    any_installation.work()
    assert [mail.recipient for mail in any_installation.transport.mails] == ["ben@example.com", "ann@example.com"]
    (ben, ann), notes = kept(any_installation)
    assert (ann.name, ann.phone, ann.zone) == (ben.name, ben.phone, ben.zone)
    [[], [note]] = notes
    assert (typed if isinstance(typed, str) else typed[0])[:60] in note


def test_a_form_changes_nothing_of_a_known_lead_and_staff_find_what_it_said(any_installation):
    sign_up(any_installation.runtime, Request("ann@example.com", "lumbar-sciatica"))
    sign_up(any_installation.runtime, Request("ben@example.com", "lumbar-sciatica"))
    before = kept(any_installation)
    any_installation.clock.forward(days=1)
    again = sign_up(any_installation.runtime, ASKS)
    leads, notes = kept(any_installation)
    assert leads == before[0]
    assert not again.is_new
    assert [(each.field, each.given) for each in again.differences] == [
        ("name", "Ann"),
        ("phone", "(817) 555-0102 ext 5"),
        ("zone", "Europe/London"),
        ("topic", "golf"),
    ]
    assert notes == [
        [
            "Asked again and gave the name “Ann”; the lead stays as it is.",
            "Asked again and gave the phone “(817) 555-0102 ext 5”; the lead stays as it is.",
        ],
        [],
    ]


def test_what_was_given_before_is_no_difference_however_it_is_written(installation):
    first = sign_up(installation.runtime, ASKS)
    installation.clock.forward(days=1)
    again = sign_up(installation.runtime, Request("ANN@example.com", "lumbar-sciatica", "Ann", "+1 817 555 0102"))
    assert (again.lead, again.differences) == (first.lead, ())


def test_a_second_press_adds_no_note(installation):
    sign_up(installation.runtime, Request("ann@example.com", "lumbar-sciatica"))
    assert sign_up(installation.runtime, ASKS).is_repeat
    assert kept(installation)[1] == [[]]
