"""Which consents the ledger keeps: what something begins by, and what was not said like that today."""

from dataclasses import replace

import pytest

from nurture.domain.consent import Consent
from nurture.domain.limits import Visitor
from nurture.service.request import Request
from nurture.service.signup import sign_up
from nurture.store.consents import consents_of_lead
from nurture.store.leads import lead_by_email
from nurture.web.app import create_web

WORDS, OTHERS = Consent("Send it to me.", "/"), Consent("Send it all to me.", "/")
ASKS = Request("ann@example.com", "lumbar-sciatica", consent=WORDS, visitor=Visitor("192.0.2.0/24"))


@pytest.fixture
def installation_with_ben(any_installation):
    """Ben has agreed to the same words on the same page."""
    sign_up(any_installation.runtime, replace(ASKS, email="ben@example.com"))
    return any_installation


def kept(installation, email="ann@example.com"):
    with installation.runtime.database.read() as connection:
        lead = lead_by_email(connection, email)
        return [(each.wording, each.page) for each in consents_of_lead(connection, lead.id)] if lead else []


def test_a_second_press_leaves_one_consent_and_other_words_or_another_page_leave_theirs(installation_with_ben):
    elsewhere = Consent(WORDS.wording, "/reports/spine")
    for consent in (OTHERS, OTHERS, WORDS, OTHERS, elsewhere, WORDS):
        sign_up(installation_with_ben.runtime, replace(ASKS, consent=consent))
    assert kept(installation_with_ben) == [(each.wording, each.page) for each in (OTHERS, WORDS, elsewhere)]
    assert len(kept(installation_with_ben, "ben@example.com")) == 1


def test_what_a_report_goes_out_by_is_kept_each_time(installation_with_ben):
    for _ in range(3):
        assert not sign_up(installation_with_ben.runtime, ASKS).is_repeat
        installation_with_ben.clock.forward(hours=1)
    assert kept(installation_with_ben) == [(WORDS.wording, WORDS.page)] * 3


def test_past_a_limit_the_same_consent_is_kept_once_a_day(installation_with_ben):
    settings = installation_with_ben.runtime.settings
    limits = replace(settings.web.limits, report_a_day=0)
    settings = replace(settings, web=replace(settings.web, limits=limits))
    installation_with_ben.runtime = replace(installation_with_ben.runtime, settings=settings)
    for hours in (1, 1, 24, 1):
        sign_up(installation_with_ben.runtime, ASKS)
        installation_with_ben.clock.forward(hours=hours)
    assert len(kept(installation_with_ben)) == 2


def test_page_and_program_alike_leave_one_however_often_they_press(installation):
    pages = create_web(installation.runtime).test_client()
    for _ in range(3):
        assert pages.post("/signup", data={"email": "ann@example.com"}).status_code == 303
    assert len(kept(installation)) == 1
    for _ in range(3):
        assert pages.post("/signup", json={"email": "ann@example.com"}).status_code == 200
    assert [page for _, page in kept(installation)] == ["/signup", "/signup (JSON)"]
