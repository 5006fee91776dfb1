"""What staff say of days and hours, and what is not believed."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from nurture.cli.spoken import read_spoken_day, read_spoken_time
from nurture.domain.errors import Refusal

CHICAGO = ZoneInfo("America/Chicago")
NOW = datetime(2026, 11, 24, 22, 50, tzinfo=UTC)  # a Tuesday, 16:50 in Chicago

TAKEN = {
    "tomorrow 10am": "2026-11-25 10:00",
    "10am tomorrow": "2026-11-25 10:00",
    "day after tomorrow 10am": "2026-11-26 10:00",
    "thursday at noon": "2026-11-26 12:00",
    "fri 3:30 p.m.": "2026-11-27 15:30",
    "tuesday 10am": "2026-12-01 10:00",
    "next tuesday 2pm": "2026-12-01 14:00",
    "Dec 1 9:00": "2026-12-01 09:00",
    "12/1 10:00": "2026-12-01 10:00",
    "in 3 days 10am": "2026-11-27 10:00",
}
NOT_TAKEN = ["10am", "at 10:00", "noon", "tomorrow", "tues 10", "tomorrow at 10", "monday", "tomorrow morning", ""]
NOT_TAKEN += ["feb 30 10am", "13/13 10am", "march 3 at 10", "tomorrow 25:00", "soon", "11/24/2028 9am", "99999999999"]
NOT_TAKEN += ["2026-13-01 10:00", "2027/02/30 10am"]


@pytest.mark.parametrize(("said", "meant"), TAKEN.items(), ids=list(TAKEN))
def test_a_day_and_an_hour_are_understood(said, meant):
    at = read_spoken_time(said, CHICAGO, NOW)
    assert f"{at.astimezone(CHICAGO):%Y-%m-%d %H:%M}" == meant
    assert at.tzinfo is UTC


@pytest.mark.parametrize("said", NOT_TAKEN)
def test_what_leaves_the_day_or_the_hour_to_a_guess_is_not_taken(said):
    refusal = read_spoken_time(said, CHICAGO, NOW)
    assert isinstance(refusal, Refusal)
    assert "nothing was done" in refusal.sentence


def test_an_hour_that_the_clocks_skip_is_named():
    before = datetime(2026, 3, 7, 12, tzinfo=UTC)
    assert read_spoken_time("tomorrow 2:30am", CHICAGO, before).reason == "no_such_time"


DAYS = {"tomorrow": date(2026, 11, 25), "2026-12-01": date(2026, 12, 1), "wednesday": date(2026, 11, 25)}
DAYS |= {"dec 1": date(2026, 12, 1), "today": date(2026, 11, 24)}


@pytest.mark.parametrize(
    ("said", "meant"), [*DAYS.items(), ("dec 1", date(2026, 12, 1)), ("today", date(2026, 11, 24))]
)
def test_a_day_is_understood(said, meant):
    assert read_spoken_day(said, CHICAGO, NOW) == meant


@pytest.mark.parametrize("said", ["", "10am", "soon", "feb 30", "12"])
def test_what_is_no_day_is_refused(said):
    assert isinstance(read_spoken_day(said, CHICAGO, NOW), Refusal)
