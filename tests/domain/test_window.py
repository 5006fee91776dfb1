from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.domain.window import Window, local_instant
from tests.domain.examples import CHICAGO, OFFICE, WAKING, ZONES, at

NIGHT = Window(time(1, 15), time(2, 45))
windows = st.sampled_from([OFFICE, WAKING, NIGHT, Window()])
moments = st.datetimes(datetime(2025, 1, 1), datetime(2029, 1, 1)).map(lambda naive: naive.replace(tzinfo=UTC))


@pytest.mark.parametrize(
    ("asked", "opens"),
    [
        ("2026-11-24T08:59", "2026-11-24T09:00"),
        ("2026-11-24T18:00", "2026-11-24T18:00"),
        ("2026-11-25T18:01", "2026-11-27T09:00"),  # Thanksgiving lies between
        ("2026-12-24T19:00", "2026-12-28T09:00"),  # every Christmas, then a weekend
        ("2027-12-24T19:00", "2027-12-27T09:00"),
    ],
)
def test_next_open(asked, opens):
    assert OFFICE.next_open(at(asked), CHICAGO) == at(opens)


def test_a_window_that_opens_inside_a_gap_opens_when_the_gap_ends():
    gap = Window(time(2, 30), time(10))
    assert gap.next_open(at("2026-03-08T00:00"), CHICAGO) == at("2026-03-08T03:00")


def test_a_wall_clock_time_inside_a_gap_means_the_end_of_the_gap():
    assert local_instant(date(2026, 3, 8), time(2, 30), CHICAGO) == at("2026-03-08T03:00")
    half_hour = ZoneInfo("Australia/Lord_Howe")
    assert local_instant(date(2026, 10, 4), time(2, 10), half_hour) == at("2026-10-04T02:30", half_hour)


def test_a_window_that_never_opens_says_so():
    with pytest.raises(ValueError, match="never opens"):
        Window(days=frozenset()).next_open(at("2026-01-01T00:00"), CHICAGO)


def test_a_change_in_the_next_night_is_not_taken_for_the_first_opening():
    zone = ZoneInfo("Australia/Lord_Howe")  # 02:00 becomes 02:30 on 5 October
    assert NIGHT.next_open(datetime(2025, 10, 4, tzinfo=UTC), zone) == datetime(2025, 10, 4, 14, 45, tzinfo=UTC)


@given(windows, moments, st.sampled_from(ZONES))
def test_next_and_last_open_are_open_and_nearest(window, moment, zone):
    opens, closes = window.next_open(moment, zone), window.last_open(moment, zone)
    assert closes <= moment <= opens
    assert window.is_open(opens, zone)
    assert window.is_open(closes, zone)
    nearer = [opens - timedelta(seconds=1), closes + timedelta(seconds=1)]
    assert all(not window.is_open(near, zone) for near in nearer if closes < near < opens)
