"""What is refused has a stable reason for machines, and one whole sentence or two for people."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from nurture.domain import visit as visits
from nurture.domain.consent import parse_reason
from nurture.domain.errors import Refusal
from nurture.domain.instant import parse_instant
from nurture.domain.lead import parse_name, parse_note, parse_word, parse_zone
from nurture.domain.segment import parse_segment
from nurture.domain.visit import FURTHEST, VisitStatus
from tests.domain.examples import CHICAGO, at, visiting

NOW = at("2026-03-02T10:00")
STARTS = at("2026-03-10T09:00")
VISIT = visiting(NOW, STARTS).visit
MISSED = replace(VISIT, status=VisitStatus.NO_SHOW)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("ask", "reason", "says"),
    [
        (lambda: visits.may_start_at(NOW, NOW), "visit_in_past", "already passed"),
        (
            lambda: visits.may_start_at(NOW + FURTHEST + SECOND, NOW),
            "visit_too_far",
            "2036 is more than ten years",
        ),
        (lambda: visits.reschedule(VISIT, STARTS, NOW), "same_time", "already starts at that time"),
        (lambda: visits.reschedule(MISSED, STARTS + SECOND, NOW), "not_possible", "is no-show, .* cannot become moved"),
        (lambda: visits.miss(VISIT, NOW), "not_possible", "is booked, .* cannot become no-show"),
        (lambda: parse_name("x" * 101), "bad_name", "at most 100 letters"),
        (lambda: parse_name("www.evil"), "bad_name", "looks like a link or an address"),
        (lambda: parse_word("x" * 65, "topic"), "bad_topic", "topic cannot be used, .* at most 64 letters"),
        (lambda: parse_note(" "), "bad_note", "at most 1000 letters"),
        (lambda: parse_zone("Mars/Base"), "bad_zone", "time zone named “Mars/Base”"),
        (lambda: parse_instant("soon", CHICAGO), "bad_time", "'soon' is not a time, .* clock of America/Chicago"),
        (
            lambda: parse_instant("2026-03-08 02:30", CHICAGO),
            "no_such_time",
            "America/Chicago skip 2026-03-08 02:30",
        ),
        (
            lambda: parse_segment("everyone"),
            "bad_segment",
            "no segment 'everyone', .* all, topic:NAME or source:NAME",
        ),
        (lambda: parse_reason(""), "bad_reason", "at most 200 letters"),
    ],
)
def test_a_refusal_says_what_is_wrong_and_that_nothing_was_done(ask, reason, says):
    refusal = ask()
    assert isinstance(refusal, Refusal)
    assert refusal.reason == reason
    assert re.search(says, refusal.sentence)
    assert re.search("nothing was|Nothing was", refusal.sentence)
    assert re.fullmatch(r"[A-Z'\d].*\.", refusal.sentence)


def test_a_visit_may_start_at_any_later_instant_of_ten_years():
    assert visits.may_start_at(NOW + SECOND, NOW) is None
    assert visits.may_start_at(NOW + FURTHEST, NOW) is None
