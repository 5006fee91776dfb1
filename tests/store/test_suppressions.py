"""Whom we must not write to, and who agreed to what, on both databases: of two leads, only the one that is meant."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from nurture.contact.phone import Phone
from nurture.domain.consent import Consent
from nurture.store.consents import add_consent, consents_of_lead, has_consented
from nurture.store.leads import NewLead, add_lead
from nurture.store.suppressions import carry_suppressions, lift_suppression, suppress_lead, suppressions_of_leads

NOW = datetime(2026, 3, 2, 16, 17, tzinfo=UTC)
ANN = NewLead("ann@example.com", "a" * 32, "", Phone(), ZoneInfo("Europe/London"), frozenset(), "page")
BEN = replace(ANN, email="ben@example.com", email_hash="b" * 32)
CALLER = replace(ANN, email="", email_hash="", phone=Phone("817-555-0102", "+18175550102"))
WORDS = Consent("Send it to me.", "/")


@pytest.fixture
def ledger(database):
    """A connection in a transaction."""
    with database.begin() as connection:
        yield connection


@pytest.fixture
def ann(ledger):
    return add_lead(ledger, ANN, NOW)[0].id


@pytest.fixture
def ben(ledger):
    return add_lead(ledger, BEN, NOW)[0].id


def test_what_holds_one_lead_back_holds_back_no_other(ledger, ann, ben):
    assert suppress_lead(ledger, ann, "bounced", NOW)
    assert suppressions_of_leads(ledger, {ann, ben}) == {ann: frozenset({"bounced"})}
    assert suppressions_of_leads(ledger, {ben}) == {}
    assert suppress_lead(ledger, ben, "unsubscribed", NOW)
    assert not suppress_lead(ledger, ben, "unsubscribed", NOW)
    assert suppressions_of_leads(ledger, {ann, ben}) == {
        ann: frozenset({"bounced"}),
        ben: frozenset({"unsubscribed"}),
    }


def test_no_address_holds_back_the_caller_alone(ledger, ann, ben):
    caller = add_lead(ledger, CALLER, NOW)[0].id
    assert not suppress_lead(ledger, caller, "unsubscribed", NOW)
    suppress_lead(ledger, ann, "complained", NOW)
    assert suppressions_of_leads(ledger, {ann, ben, caller}) == {
        ann: frozenset({"complained"}),
        caller: frozenset({"no_address"}),
    }


def test_lifting_one_reason_of_one_lead_leaves_the_other_reason_and_the_other_lead(ledger, ann, ben):
    for lead in (ann, ben):
        for reason in ("unsubscribed", "complained"):
            suppress_lead(ledger, lead, reason, NOW)
    lift_suppression(ledger, ann, "unsubscribed")
    assert suppressions_of_leads(ledger, {ann, ben}) == {
        ann: frozenset({"complained"}),
        ben: frozenset({"complained", "unsubscribed"}),
    }


def test_a_new_address_is_held_back_for_what_held_the_old_one_and_for_nothing_of_another_lead(ledger, ann, ben):
    suppress_lead(ledger, ann, "unsubscribed", NOW)
    suppress_lead(ledger, ann, "bounced", NOW)
    suppress_lead(ledger, ben, "complained", NOW)
    carry_suppressions(ledger, ANN.email_hash, "c" * 32, {"unsubscribed", "complained"})
    moved = add_lead(ledger, replace(ANN, email="ann@new.example", email_hash="c" * 32), NOW)[0].id
    assert suppressions_of_leads(ledger, {ann, ben, moved}) == {
        ann: frozenset({"unsubscribed", "bounced"}),
        ben: frozenset({"complained"}),
        moved: frozenset({"unsubscribed"}),
    }


def test_a_consent_is_of_the_lead_that_gave_it(ledger, ann, ben):
    add_consent(ledger, ann, WORDS, source="page", given_at=NOW)
    assert has_consented(ledger, ann, WORDS, NOW)
    assert not has_consented(ledger, ben, WORDS, NOW)
    assert not has_consented(ledger, ann, WORDS, NOW + timedelta(microseconds=1))
    assert not has_consented(ledger, ann, replace(WORDS, page="/signup"), NOW)
    assert [each.wording for each in consents_of_lead(ledger, ann)] == [WORDS.wording]
    assert consents_of_lead(ledger, ben) == []
