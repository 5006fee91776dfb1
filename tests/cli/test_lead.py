"""`nurture lead`: what the front desk does with a person."""

import json

import pytest


def rows(result):
    return json.loads(result.stdout)


def test_what_cannot_be_used_of_a_caller_is_said_and_noted(run):
    said = run("lead", "add", "ann@example.com", "--phone", "after six").stdout
    assert "The phone as it was given, which cannot be used: “after six”" in said
    assert "lead edit 1" in said
    shown = rows(run("lead", "show", "ann@example.com", "--json"))
    assert (shown["phone"], len(shown["notes"])) == ("", 1)
    assert "after six" in run("lead", "show", "ann@example.com").stdout


def test_adding_a_known_lead_says_what_differs_and_how_to_change_it(run):
    run("lead", "add", "ben@example.com")
    run("lead", "add", "ann@example.com", "--name", "Ann Miler", "--phone", "817-555-0102", "--topic", "golf")
    same = run("lead", "add", "ann@example.com", "--phone", "(817) 555 0102", "--topic", "golf").stdout
    assert same == "Already known: lead 2, ann@example.com.\n"
    told = run("lead", "add", "ann@example.com", "--name", "Ann Miller", "--zone", "Europe/London").stdout
    assert "Nothing of it was changed" in told
    assert "name: Ann Miler. To change it: nurture lead edit 2 --name 'Ann Miller'" in told
    assert "zone: America/Chicago. To change it: nurture lead edit 2 --zone Europe/London" in told
    assert rows(run("lead", "show", "ann@example.com", "--json"))["name"] == "Ann Miler"
    [differs] = rows(run("lead", "add", "ann@example.com", "--name", "Ann Miller", "--json"))["differs"]
    assert differs == {"field": "name", "known": "Ann Miler", "given": "Ann Miller"}


@pytest.fixture
def ann(run):
    """The second of two leads."""
    run("lead", "add", "ben@example.com", "--phone", "817-555-0199")
    run("lead", "add", "ann@example.com", "--name", "Ann Miller", "--phone", "(817) 555-0102")


@pytest.mark.parametrize(
    "who", ["ann@example.com", "ANN@Example.com ", "2", "817.555.0102", "+18175550102", "8175550102"]
)
def test_a_lead_is_named_by_address_number_or_phone(run, ann, who):
    assert rows(run("lead", "show", who, "--json"))["email"] == "ann@example.com"
    assert rows(run("visit", "book", who, "--at", "2030-12-02 10:00", "--json"))["email"] == "ann@example.com"


@pytest.mark.parametrize("who", ["7", "ann", "555-0102", "817-555-0103", "eve@example.com", "a b@example.com"])
def test_whoever_is_not_known_by_it_is_not_guessed(run, ann, who):
    said = run("lead", "show", who, code=1).stderr
    assert "nurture lead" in said
    assert "saved" not in said


def test_two_with_one_phone_are_told_apart_by_their_numbers(run, ann):
    run("lead", "add", "tom@example.com", "--phone", "817-555-0102")
    assert "say which of 3, 2" in run("lead", "show", "817-555-0102", code=1).stderr


def test_a_visits_number_is_never_taken_for_a_leads(run, ann):
    run("visit", "book", "ann@example.com", "--at", "2030-12-02 10:00")
    assert "There is no visit 2" in run("visit", "cancel", "2", code=1).stderr
    assert rows(run("visit", "cancel", "817 555 0102", "--json"))["status"] == "cancelled"


def test_a_lead_is_found_by_a_part_and_a_note_is_kept(run, ann):
    assert [each["id"] for each in rows(run("lead", "find", "mill", "--json"))] == [2]
    assert "Nobody" in run("lead", "find", "smith").stdout
    assert run("lead", "note", "2", " prefers\n mornings ").stdout == "Noted for lead 2, ann@example.com.\n"
    assert [each["note"] for each in rows(run("lead", "show", "2", "--json"))["notes"]] == ["prefers mornings"]
    assert "Nothing was noted" in run("lead", "note", "2", "a\x1b[2J", code=1).stderr
    assert rows(run("lead", "show", "1", "--json"))["notes"] == []


def test_a_slip_in_an_address_is_asked_about_and_yes_takes_it(run):
    said = run("lead", "add", "ann@gmial.com", code=1).stderr
    assert "Did you mean ann@gmail.com?" in said
    assert "--yes" in said
    assert rows(run("lead", "list", "--json")) == []
    assert "Added lead 1, ann@gmial.com" in run("lead", "add", "ann@gmial.com", "--yes").stdout
