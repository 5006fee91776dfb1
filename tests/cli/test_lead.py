"""`nurture lead`: what the front desk does with a person."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest


@pytest.fixture
def sent(tmp_path):
    """Says of every mail in the ledger that it was sent: nobody runs a worker here."""

    def say():
        with closing(sqlite3.connect(tmp_path / "var" / "nurture.db")) as ledger, ledger:
            ledger.execute("UPDATE deliveries SET state = 'sent', settled_at = queued_at")

    return say


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
    told = run("lead", "show", "817-555-0102", code=1).stderr
    assert "say by its number which of lead 3 (tom@example.com), lead 2 (Ann Miller)" in told


def test_a_phone_that_another_lead_has_is_taken_and_said(run, ann):
    shares = "Careful: Lead 2 (Ann Miller) has this phone, too.\n"
    assert run("lead", "add", "tom@example.com", "--phone", "817-555-0102").stderr == shares
    assert run("lead", "edit", "3", "--name", "Tom").stderr == ""
    assert run("lead", "edit", "3", "--phone", "").stderr == ""
    both = "Careful: Lead 2 (Ann Miller), lead 1 (ben@example.com) have this phone, too.\n"
    run("lead", "edit", "1", "--phone", "817.555.0102")
    assert run("lead", "edit", "3", "--phone", "+1 817 555 0102", "--json").stderr == both


def test_a_visits_number_is_never_taken_for_a_leads(run, ann):
    run("visit", "book", "ann@example.com", "--at", "2030-12-02 10:00")
    assert "There is no visit 2" in run("visit", "cancel", "2", code=1).stderr
    assert rows(run("visit", "cancel", "817 555 0102", "--json"))["status"] == "cancelled"


def test_a_lead_is_found_by_a_part_and_a_note_is_kept(run, ann):
    assert [each["id"] for each in rows(run("lead", "find", "mill", "--json"))] == [2]
    assert "Nobody" in run("lead", "find", "smith").stdout
    assert "three digits are needed" in run("lead", "find", "81").stdout
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


def test_asked_again_within_ten_minutes_the_desk_says_since_when_and_how_to_send_it_now(run, sent):
    asks = ("lead", "add", "ann@example.com", "--report", "lumbar-sciatica")
    assert "The report lumbar-sciatica is on its way.\n" in run(*asks).stdout
    assert "has been on its way since 20" in run(*asks).stdout
    assert "still on its way" in run("lead", "resend", "1", code=1).stderr
    sent()
    told = run(*asks).stdout
    assert "The report lumbar-sciatica was asked for a moment ago. It was sent at 20" in told
    assert "this time nothing was sent" in told
    assert "To send it now: nurture lead resend 1" in told
    assert "on its way to ann@example.com once more" in run("lead", "resend", "1").stdout


def test_a_lead_is_put_right(run, ann):
    assert "Nothing was given" in run("lead", "edit", "2", code=1).stderr
    assert (
        "Lead 2, ann@example.com: changed." in run("lead", "edit", "2", "--name", "Ann Smith", "--zone", "UTC").stdout
    )
    assert "is as you say" in run("lead", "edit", "2", "--name", "Ann Smith").stdout
    shown = rows(run("lead", "show", "2", "--json"))
    assert (shown["name"], shown["zone"]) == ("Ann Smith", "UTC")
    assert shown["notes"][0]["note"] == "Corrected by staff: name was “Ann Miller”, zone was “America/Chicago”."
    assert "Did you mean" in run("lead", "edit", "2", "--email", "ann@gmial.com", code=1).stderr


def test_the_topics_of_a_lead_are_shown_if_it_has_any(run, ann):
    run("lead", "edit", "2", "--topic", "knee", "--topic", "golf")
    assert "golf, knee" in run("lead", "show", "2").stdout
    assert "topics" not in run("lead", "show", "1").stdout


def test_with_another_address_the_report_is_offered_again(run, sent):
    run("lead", "add", "ann@example.com", "--report", "lumbar-sciatica")
    assert "still on its way, goes there" in run("lead", "edit", "1", "--email", "ann@example.org", "--yes").stdout
    sent()
    told = run("lead", "edit", "1", "--email", "ann.miller@example.com").stdout
    assert "To send the report to this address: nurture lead resend 1" in told
    told = run("lead", "edit", "1", "--email", "ann@example.net", "--yes").stdout
    assert "is on its way to ann@example.net once more" in told


def test_a_caller_without_an_address_is_typed_in_and_can_take_the_report_along(run):
    asks = ("lead", "add", "--phone", "(817) 555-0102", "--name", "Tom", "--report", "lumbar-sciatica", "--json")
    added = rows(run(*asks))
    assert (added["email"], added["phone_e164"]) == (None, "+18175550102")
    assert Path(added["report_file"]).read_bytes().startswith(b"%PDF-")
    assert rows(run("delivery", "list", "--json")) == []
    assert "no_address" in run("lead", "show", "817-555-0102").stdout
    assert "Tom" in run("visit", "book", "817-555-0102", "--at", "2030-12-02 10:00").stdout
    assert "(817) 555-0102" in run("visit", "list").stdout
    for words in (("unsubscribe",), ("resend",), ("resubscribe", "--reason", "asked")):
        assert "address" in run("lead", *words, "1", code=1).stderr


def test_whoever_has_a_phone_that_is_known_is_asked_about_first(run, ann):
    shared = ("lead", "add", "--phone", "817.555.0102")
    assert "Lead 2 (Ann Miller) has this phone" in run(*shared, code=1).stderr
    assert "Added lead 3" in run(*shared, "--yes").stdout
    given = ("lead", "add", "tom@example.com", "--phone", "+1 817 555 0102")
    told = run(*given, code=1).stderr
    assert "nurture lead edit 3 --email tom@example.com gives one" in told
    assert "Added lead 4" in run(*given, "--yes").stdout


def test_neither_an_address_nor_a_phone_is_nobody(run):
    run("lead", "add", "--phone", "817-555-0102")
    assert "neither address nor phone" in run("lead", "edit", "1", "--phone", "", code=1).stderr
    assert "--phone" in run("lead", "add", "--name", "Tom", code=1).stderr
    assert "not a phone number" in run("lead", "add", "--phone", "220-6677", code=1).stderr
    assert "no report" in run("lead", "add", "--phone", "817-555-0102", "--report", "x", "--yes", code=1).stderr
    assert len(rows(run("lead", "list", "--json"))) == 1


def test_of_a_report_that_is_not_sent_the_desk_is_not_told_that_it_is(run, tmp_path):
    run("lead", "add", "ann@example.com")
    with closing(sqlite3.connect(tmp_path / "var" / "nurture.db")) as ledger, ledger:
        hold = "INSERT INTO suppressions SELECT email_hash, 'bounced', created_at FROM leads"
        ledger.execute(hold)
    told = run("lead", "add", "ann@example.com", "--report", "lumbar-sciatica").stdout
    assert "is not sent: the address does not exist." in told


def test_with_another_address_the_confirmation_of_a_visit_to_come_is_offered_again(run, ann, sent):
    run("visit", "book", "2", "--at", "2030-12-03 10:00")
    edit = ("lead", "edit", "2", "--email")
    assert "about visit 1, still on its way, goes there" in run(*edit, "ann@example.org").stdout
    sent()
    assert "nurture visit resend 1" in run(*edit, "ann@example.net").stdout
    once_more = "The confirmation of visit 1 is on its way to {} once more.\n"
    assert run("visit", "resend", "1").stdout == once_more.format("ann@example.net")
    assert "still on its way" in run("visit", "resend", "1", code=1).stderr
    sent()
    assert once_more.format("ann@example.com") in run(*edit, "ann@example.com", "--yes").stdout
    assert "visit" not in run("lead", "edit", "1", "--email", "ben@example.org").stdout


def test_a_report_asked_for_twice_at_the_desk_leaves_one_consent(run):
    for _ in range(2):
        run("lead", "add", "ann@example.com", "--report", "lumbar-sciatica")
    [consent] = rows(run("lead", "show", "1", "--json"))["consents"]
    assert consent["page"] == "nurture lead add"
