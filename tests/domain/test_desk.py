"""How often the desk is written to."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from nurture.domain.desk import MOST, SPAN, turn_at
from tests.domain.examples import at

NOW = at("2026-03-02T10:00")


@given(st.lists(st.integers(0, 5 * 24 * 60), max_size=40))
def test_in_no_hour_do_more_mails_go_than_the_desk_can_read(minutes):
    told = []
    for asked in sorted(NOW + timedelta(minutes=each) for each in minutes):
        turn = turn_at(told, max([asked, *told[-1:]]))
        assert turn >= asked
        told.append(turn)
    assert all(later - earlier >= SPAN for earlier, later in zip(told, told[MOST:], strict=False))


def test_whoever_is_not_written_to_much_hears_at_once():
    assert turn_at([NOW] * (MOST - 1), NOW) == NOW
    assert turn_at([NOW - SPAN, *[NOW] * (MOST - 1)], NOW) == NOW
    assert turn_at([NOW] * MOST, NOW) == NOW + SPAN
