"""The amounts that a campaign names are those that its simulation sends."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some

from nurture.domain.engine import Send
from nurture.domain.extent import Extent, can_be_filled, extent_of
from nurture.domain.imagined import timeline
from nurture.domain.message import MailKind
from tests.domain.examples import CHICAGO, DRIP, ZONES, at, enrolled

INSTANTS = some.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)).map(lambda each: each.replace(tzinfo=UTC))


@given(INSTANTS, some.sampled_from(ZONES))
def test_the_amounts_are_those_of_the_engine_run_forward(start, zone):
    extent = extent_of(DRIP, zone, start)
    sent = [when for when, each in timeline(DRIP, enrolled(start, zone), start) if isinstance(each, Send)]
    assert extent.mails == len(sent) - 1
    assert extent.days == (sent[-1].astimezone(zone).date() - start.astimezone(zone).date()).days


def test_the_last_day_counts_as_the_reader_counts_days():
    # Sent on Tuesday, Thursday and the Thursday after.
    assert extent_of(DRIP, CHICAGO, at("2026-03-02 10:17")) == Extent(3, 10)


def test_what_was_asked_for_is_not_among_the_mails_that_follow():
    assert extent_of(replace(DRIP, steps=DRIP.steps[:1]), CHICAGO, at("2026-03-02 10:17")) == Extent(0, 0)
    assert [step.kind for step in DRIP.steps[:2]] == [MailKind.REQUESTED, MailKind.NURTURE]


@pytest.mark.parametrize(("days", "weeks"), [(0, 1), (3, 1), (10, 1), (11, 2), (77, 11), (80, 11), (81, 12)])
def test_weeks_are_whole_and_the_nearest(days, weeks):
    assert Extent(1, days).weeks == weeks


def test_words_are_filled_in_and_nothing_else_is():
    assert Extent(14, 78).filled("{{ mails }} in {{weeks}} weeks or {{ days }} days") == "14 in 11 weeks or 78 days"
    assert can_be_filled("{{ mails }} in {{weeks}} weeks")
    for words in ("{{ wekes }}", "{{ weeks }", "{% if x %}", "{ weeks }", "{{ weeks + 1 }}"):
        assert not can_be_filled(words)
