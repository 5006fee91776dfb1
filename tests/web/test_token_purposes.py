"""A token opens the pages of its purpose, and no other page: not even one that has something of the same public id."""

from datetime import timedelta

import pytest

from nurture.domain.token import Purpose
from nurture.service import visits
from nurture.service.preferences import unsubscribe
from nurture.service.request import Request
from nurture.service.signup import sign_up
from nurture.store import schema
from tests.conftest import MONDAY

OPENED_BY = {
    "/unsubscribe/": Purpose.UNSUBSCRIBE,
    "/resubscribe/": Purpose.RESUBSCRIBE,
    "/report/": Purpose.REPORT,
    "/report/.pdf": Purpose.REPORT,
    "/thanks/": Purpose.REPORT,
    "/visit/": Purpose.VISIT,
    "/visit/.ics": Purpose.VISIT,
}
# What the pages' own buttons say.
PRESSES = ({"List-Unsubscribe": "One-Click"}, {"act": "undo"}, {"act": "confirm"}, {"act": "cancel"})
SHARED = "Same-id_0123456789ab"


@pytest.fixture
def tokens(installation):
    """A token for each purpose. Ann's lead, enrolment and visit have one public id; she has stopped the articles."""
    lead = sign_up(installation.runtime, Request("ann@example.com", "lumbar-sciatica")).lead
    visits.book(installation.runtime, lead.email, MONDAY + timedelta(days=5))
    unsubscribe(installation.runtime, lead)
    with installation.runtime.database.begin() as connection:
        for table in (schema.leads, schema.enrolments, schema.visits):
            connection.execute(table.update().where(table.c.id == 1).values(public_id=SHARED))
    return {purpose: installation.runtime.signing.sign(purpose, SHARED) for purpose in Purpose}


def ledger(installation):
    """What a button could have changed."""
    with installation.runtime.database.read() as connection:
        tables = (schema.visits, schema.events, schema.consents, schema.suppressions)
        return [connection.execute(table.select()).all() for table in tables]


def of(page, token):
    folder, _, ending = page.rpartition("/")
    return f"{folder}/{token}{ending}"


def test_every_page_that_a_token_opens_is_tried(web):
    rules = [each.rule for each in web.application.url_map.iter_rules()]
    assert {rule.replace("<token>", "") for rule in rules if "<token>" in rule} == set(OPENED_BY)
    assert set(OPENED_BY.values()) == set(Purpose)


@pytest.mark.parametrize("page", OPENED_BY)
def test_a_page_opens_for_its_own_purpose_alone(web, tokens, page):
    for purpose, token in tokens.items():
        with web.get(of(page, token)) as answer:
            assert answer.status_code == (200 if purpose is OPENED_BY[page] else 404), purpose


@pytest.mark.parametrize("page", OPENED_BY)
def test_no_button_does_anything_for_another_purpose(web, installation, tokens, page):
    before = ledger(installation)
    for purpose, token in tokens.items():
        for press in PRESSES if purpose is not OPENED_BY[page] else ():
            assert web.post(of(page, token), data=press).status_code in {404, 405}
    assert ledger(installation) == before
