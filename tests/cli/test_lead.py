"""`nurture lead`: what the front desk does with a person."""

import json


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
