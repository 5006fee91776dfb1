"""Appointments at the desk: whom to expect, and times that are taken as they were meant."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from nurture.cli import ask

YES, AT = "--yes", "--at"


@pytest.fixture
def ann(run):
    run("lead", "add", "ann@example.com", "--name", "Ann O'Brien", "--phone", "817-555-0102")
    return "ann@example.com"


@pytest.fixture
def terminal(monkeypatch):
    """Somebody sits there, and says what the test passes as input."""
    monkeypatch.setattr("nurture.cli.ask.sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr(ask, "is_somebody_there", lambda: True)
    monkeypatch.setattr("nurture.cli.visit.is_somebody_there", lambda: True)


def visits(run, *words):
    return json.loads(run("visit", "list", *words, "--json").stdout)


def test_a_time_in_words_is_shown_back_before_it_is_taken(run, ann):
    refused = run("visit", "book", ann, AT, "tomorrow 10am", code=1)
    assert "tomorrow" not in refused.stderr
    assert " at 10:00 AM. Is that right?" in refused.stderr
    assert visits(run) == []
    assert " at 10:00 AM, booked." in run("visit", "book", ann, AT, "tomorrow 10am", YES).stdout
    [visit] = visits(run, "--tomorrow")
    assert visit["starts_at"][11:16] == "10:00"
    assert visits(run, "--today") == []


def test_a_person_at_the_terminal_may_say_no(run, ann, terminal):
    assert "Nothing was done" in run("visit", "book", ann, AT, "tomorrow 10am", code=1, typed="n\n").stderr
    assert visits(run) == []
    run("visit", "book", ann, AT, "tomorrow 10am", typed="y\n")
    assert len(visits(run)) == 1


@pytest.mark.parametrize("at", ["yesterday 10am", "2020-01-06 10:00"])
def test_a_time_that_has_passed_is_refused_before_anything_is_asked(run, ann, terminal, at):
    said = run("visit", "book", ann, AT, at, code=1, typed="y\n")
    assert "already passed" in said.stderr
    assert "Is that right?" not in said.output


def test_a_slip_in_the_century_books_nothing(run, ann):
    assert "more than ten years ahead" in run("visit", "book", ann, AT, "2126-12-02 10:00", code=1).stderr
    assert visits(run) == []


CAREFUL = {
    "2030-12-01 10:00": "closed then",  # a Sunday
    "2030-12-02 07:30": "closed then",
    "2030-12-02 17:30": "go on after the clinic closes",
    "2030-12-25 10:00": "Wednesday, December 25 is a holiday",
    "2030-12-03 10:30": "That hour is taken: visit 1 of Ann O'Brien starts at 10:00",
    "2030-12-03 09:30": "That hour is taken",
}


@pytest.mark.parametrize(("at", "warning"), CAREFUL.items(), ids=list(CAREFUL))
def test_staff_are_warned_and_may_book_all_the_same(run, ann, at, warning):
    run("visit", "book", ann, AT, "2030-12-03 10:00")
    run("lead", "add", "ben@example.com")
    assert warning in run("visit", "book", "ben@example.com", AT, at).stderr
    assert len(visits(run)) == 2


def soon():
    """A day of this coming month on which the clinic is open, whenever this runs."""
    days = (datetime.now(UTC).date() + timedelta(days=ahead) for ahead in range(2, 30))
    return next(
        day for day in days if day.weekday() == 1 and f"{day:%m-%d}" not in {"01-01", "07-04", "12-24", "12-25"}
    )


def test_ordinary_hours_and_a_visits_own_hour_are_no_reason_to_warn(run, ann):
    assert run("visit", "book", ann, AT, f"{soon()} 10:00").stderr == ""
    assert run("visit", "reschedule", ann, AT, f"{soon()} 10:15").stderr == ""


def test_an_exact_time_more_than_a_year_ahead_is_asked_about(run, ann, terminal):
    far = ("visit", "book", ann, AT, "2031-12-02 10:00")
    assert "Careful: Tuesday, December 2, 2031 is more than a year ahead." in run(*far, code=1, typed="n\n").stderr
    assert visits(run) == []
    run("visit", "book", ann, AT, f"{soon()} 10:00")
    run("visit", "reschedule", ann, AT, "2031-12-02 10:00", code=1, typed="n\n")
    assert [each["starts_at"][:10] for each in visits(run)] == [str(soon())]


def test_a_warning_is_a_question_where_somebody_is_there(run, ann, terminal):
    sunday = ("visit", "book", ann, AT, "2030-12-01 10:00")
    run(*sunday, code=1, typed="n\n")
    assert visits(run) == []
    run(*sunday, typed="y\n")
    assert len(visits(run)) == 1


def test_the_days_list_names_whom_to_expect_and_how_to_reach_them(run, ann):
    run("visit", "book", ann, AT, "2030-12-03 10:00")
    [row] = visits(run, "--day", "2030-12-03")
    assert (row["weekday"], row["name"], row["phone"]) == ("Tuesday", "Ann O'Brien", "817-555-0102")
    assert "Tue 2030-12-03 10:00  Ann O'Brien  817-555-0102" in run("visit", "list", "--day", "2030-12-03").stdout
    run("visit", "cancel", ann)
    assert visits(run, "--day", "2030-12-03") == []
    assert len(visits(run, "--day", "2030-12-03", "--all")) == 1
    assert run("visit", "list", "--day", "2030-12-03").stdout == "No visits on Tuesday, 2030-12-03.\n"


def test_a_day_begins_and_ends_at_the_clinics_midnight(run, ann):
    run("visit", "book", ann, AT, "2030-12-03 23:45")
    assert len(visits(run, "--day", "2030-12-03")) == 1
    assert visits(run, "--day", "2030-12-04") == []


def test_two_days_at_once_are_a_slip(run, ann):
    assert "Choose one of" in run("visit", "list", "--today", "--tomorrow", code=2).stderr


def test_every_day_of_the_calendar_can_be_asked_for(run):
    first = datetime(2030, 1, 1)
    for days in (0, 68, 69, 306):
        run("visit", "list", "--day", f"{first + timedelta(days=days):%Y-%m-%d}")
