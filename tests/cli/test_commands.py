"""What staff type, and what they see."""

import json
import os
import re
import sqlite3

import click
import pytest

from nurture.cli import nurture

ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")


@pytest.fixture
def ann(run):
    run("lead", "add", "Ann@Example.com", "--name", "Ann O'Brien", "--source", "phone", "--report", "lumbar-sciatica")
    return "ann@example.com"


def rows(result):
    return json.loads(result.stdout)


def test_someone_who_phoned_is_typed_in_and_the_report_is_on_its_way(run, ann):
    [lead] = rows(run("lead", "list", "--json"))
    assert (lead["email"], lead["name"], lead["source"]) == (ann, "Ann O'Brien", "phone")
    assert ISO.fullmatch(lead["created_at"])
    [mail] = rows(run("delivery", "list", "--json"))
    assert (mail["mail"], mail["state"]) == ("lumbar-sciatica/report", "queued")
    assert rows(run("delivery", "show", str(mail["id"]), "--json"))["message_id"] == mail["message_id"]


def test_typing_someone_in_twice_is_said_and_harmless(run, ann):
    assert "Already known" in run("lead", "add", ann).stdout
    assert len(rows(run("lead", "list", "--json"))) == 1


def test_one_lead_is_shown_whole(run, ann):
    shown = rows(run("lead", "show", ann, "--json"))
    assert shown["campaigns"][0]["campaign"] == "lumbar-sciatica"
    assert [event["event"] for event in shown["events"]] == ["report_requested"]
    assert "lumbar-sciatica/report" in run("lead", "show", ann).stdout


def test_who_asks_the_desk_for_no_more_mail_gets_none_and_asking_twice_is_harmless(run, ann):
    assert run("lead", "unsubscribe", ann).stdout == f"{ann} gets no more articles and invitations.\n"
    assert "had asked before" in run("lead", "unsubscribe", ann.upper()).stdout
    assert rows(run("lead", "show", ann, "--json"))["held_back"] == "unsubscribed"
    assert "There is no lead" in run("lead", "unsubscribe", "eve@example.com", code=1).stderr


def test_what_staff_testify_is_kept_as_the_campaign_says_it(run):
    run("lead", "add", "bea@example.com", "--report", "lumbar-sciatica", "--source", "phone")
    [consent] = rows(run("lead", "show", "bea@example.com", "--json"))["consents"]
    assert re.search(r"agreed to 14 articles and invitations by email over 1[12] weeks\.$", consent["wording"])
    assert (consent["page"], len(consent["version"])) == ("nurture lead add", 12)
    run("lead", "add", "cy@example.com")
    assert rows(run("lead", "show", "cy@example.com", "--json"))["consents"] == []


def test_who_asks_the_desk_for_the_articles_gets_them_again_and_the_reason_is_kept(run, ann):
    words = ("lead", "resubscribe", ann, "--reason")
    assert "already" in run(*words, "by phone").stdout
    run("lead", "unsubscribe", ann)
    assert "one line" in run(*words, " ", code=1).stderr
    assert "--reason" in run(*words[:-1], code=2).stderr
    assert run(*words, "by phone").stdout == f"{ann} gets articles and invitations again. lumbar-sciatica goes on.\n"
    shown = rows(run("lead", "show", ann, "--json"))
    assert shown["held_back"] is None
    assert [event["event"] for event in shown["events"]] == ["report_requested", "unsubscribed", "resubscribed"]
    with sqlite3.connect(os.environ["NURTURE_VAR"] + "/nurture.db") as ledger:
        [(wording,)] = ledger.execute("SELECT wording FROM consents WHERE source = 'staff' ORDER BY id DESC LIMIT 1")
    assert wording.endswith("again: by phone")


def test_whoever_answers_a_mail_gets_no_more_articles_and_saying_so_twice_is_harmless(run, ann):
    assert run("lead", "replied", ann.upper()).stdout.startswith(f"{ann} has answered: the articles end")
    assert "was known to have answered" in run("lead", "replied", ann).stdout
    shown = rows(run("lead", "show", ann, "--json"))
    assert [event["event"] for event in shown["events"]] == ["report_requested", "replied"]
    assert shown["held_back"] is None
    assert "There is no lead" in run("lead", "replied", "eve@example.com", code=1).stderr


def test_mail_to_the_desk_is_not_listed_under_the_address_of_the_lead(run, ann):
    run("lead", "replied", "ann@example.com")
    listed = {each["kind"]: each["email"] for each in rows(run("delivery", "list", "--json"))}
    assert listed == {"requested": "ann@example.com", "staff": "frontdesk@clinic.example"}


def test_a_visit_is_booked_moved_confirmed_and_cancelled(run, ann):
    visit = rows(run("visit", "book", ann, "--at", "2030-12-02 10:00", "--json"))
    assert visit["starts_at"] == "2030-12-02T10:00:00-06:00"
    moved = run("visit", "reschedule", ann, "--at", "2030-12-03 09:30").stdout
    assert "Tuesday, December 3, 2030 at 9:30 AM, booked." in moved
    assert "confirmed" in run("visit", "confirm", str(visit["id"])).stdout
    assert [each["status"] for each in rows(run("visit", "list", "--json"))] == ["confirmed"]
    assert "cancelled" in run("visit", "cancel", ann).stdout
    assert rows(run("visit", "list", "--json")) == []
    assert len(rows(run("visit", "list", "--all", "--json"))) == 1


def test_a_segment_is_enqueued_once(run):
    run("lead", "add", "ben@example.com")
    enqueue = ("campaign", "enqueue", "lumbar-sciatica", "--segment", "all")
    assert "1 lead would be enrolled" in run(*enqueue, "--dry-run").stdout
    assert "1 lead was enrolled" in run(*enqueue).stdout
    assert "0 leads were enrolled in lumbar-sciatica; 1 had been" in run(*enqueue).stdout


def test_whoever_stops_an_enqueue_hears_what_was_done(run, monkeypatch):
    for name in ("ben", "cy", "dee"):
        run("lead", "add", f"{name}@example.com")
    enqueue = ("campaign", "enqueue", "lumbar-sciatica", "--segment", "all")
    monkeypatch.setattr("nurture.service.enqueue.SET", 2)
    with monkeypatch.context() as interrupted:
        interrupted.setattr("nurture.service.enqueue.time.sleep", _interrupt)
        assert "2 leads were enrolled in lumbar-sciatica, and the others are as they" in _stopped(run, enqueue)
    assert "1 lead was enrolled in lumbar-sciatica; 2 had been in it before" in run(*enqueue).stdout


def _interrupt(seconds):
    if seconds:
        raise KeyboardInterrupt


def _stopped(run, words):
    return " ".join(run(*words, code=1).stderr.split())


def test_whom_a_campaign_leaves_out_is_said(run, ann):
    enqueue = ("campaign", "enqueue", "lumbar-sciatica", "--segment", "source:club")
    for name in ("ben", "cy", "dee"):
        run("lead", "add", f"{name}@example.com", "--source", "club")
    assert "passed over" not in run(*enqueue, "--dry-run").stdout
    run("lead", "unsubscribe", "ben@example.com")
    first, over = run(*enqueue, "--dry-run").stdout.splitlines()
    assert first.startswith("2 leads would be")
    assert over == "1 lead is passed over: they asked for no mail, wrote back, or have no address that works."
    run("lead", "replied", "cy@example.com")
    first, over = run(*enqueue).stdout.splitlines()
    assert first.startswith("1 lead was enrolled")
    assert over.startswith("2 leads are passed over: ")


def test_the_simulator_prints_every_instant(run):
    told = rows(
        run(
            "campaign",
            "simulate",
            "lumbar-sciatica",
            "--zone",
            "Europe/London",
            "--start",
            "2026-03-02 22:30",
            "--json",
        )
    )
    sends = [(each["at"], each["step"]) for each in told if each["what"] == "send"]
    assert sends[:3] == [
        ("2026-03-02T22:30:00+00:00", "report"),
        ("2026-03-04T09:00:00+00:00", "dry-needling"),
        ("2026-03-06T09:00:00+00:00", "what-a-visit-is"),
    ]
    assert len(sends) == 15
    assert told[-1]["reason"] == "finished"


def test_the_simulator_follows_a_booking(run):
    words = ("campaign", "simulate", "lumbar-sciatica", "--start", "2026-03-02 10:00", "--books", "4", "--json")
    told = rows(run(*words))
    assert [each["reason"] for each in told if each["what"] == "end"] == ["visit_booked", "finished"]
    assert [each["step"] for each in told if each["campaign"] == "discovery-visit" and each["what"] == "send"] == [
        "confirmation",
        "three-days",
        "day-before",
        "same-morning",
        "thank-you",
    ]
    gone = rows(run(*words[:-3], "--unsubscribes", "2", "--json"))
    assert gone[-1]["reason"] == "unsubscribed"


REFUSED = [
    ("lead", "add", "nobody"),
    ("lead", "add", "ann@example.com", "--report", "none"),
    ("lead", "show", "stranger@example.com"),
    ("visit", "book", "stranger@example.com", "--at", "2030-12-02 10:00"),
    ("visit", "confirm", "7"),
    ("campaign", "show", "none"),
    ("campaign", "simulate", "none"),
    ("campaign", "simulate", "discovery-visit"),
    ("campaign", "simulate", "lumbar-sciatica", "--zone", "CST"),
    ("campaign", "simulate", "lumbar-sciatica", "--start", "soon"),
    ("campaign", "enqueue", "discovery-visit", "--segment", "all"),
    ("campaign", "enqueue", "lumbar-sciatica", "--segment", "everyone"),
    ("delivery", "show", "7"),
]


@pytest.mark.parametrize("words", REFUSED, ids=" ".join)
def test_what_cannot_be_done_is_said_in_a_sentence_and_changes_nothing(run, words):
    result = run(*words, code=1)
    assert result.stdout == ""
    assert result.stderr.startswith("nurture: ")
    assert result.stderr.count("\n") == 1
    assert rows(run("lead", "list", "--json")) == []


MISTYPED = [
    (("laed", "list"), "No such command 'laed'. Did you mean 'lead'?"),
    (("lead", "lsit"), "No such command 'lsit'. Did you mean 'list'?"),
    (("visit", "bok"), "No such command 'bok'. Did you mean 'book'?"),
    (("lead", "list", "--jsn"), "No such option '--jsn'. Did you mean '--json'?"),
    # Not for people, and so not what anybody meant.
    (("inbx",), "No such command 'inbx'."),
]


@pytest.mark.parametrize(("words", "sentence"), MISTYPED, ids=[" ".join(words) for words, _ in MISTYPED])
def test_who_mistypes_a_word_hears_which_may_have_been_meant(run, words, sentence):
    assert run(*words, code=2).stderr.splitlines()[-1] == f"Error: {sentence}"


BAD_TIMES = ["2020-01-01 10:00", "tomorrow", "2027-03-14 02:30", "2030-12-02", "2030-13-01 10:00"]


@pytest.mark.parametrize("at", BAD_TIMES)
def test_a_visit_at_no_possible_time_is_not_booked(run, ann, at):
    assert "nothing was" in run("visit", "book", ann, "--at", at, code=1).stderr
    assert rows(run("visit", "list", "--json")) == []


def test_a_second_visit_is_refused_and_the_first_stays(run, ann):
    run("visit", "book", ann, "--at", "2030-12-02 10:00")
    assert "already has visit 1" in run("visit", "book", ann, "--at", "2030-12-09 10:00", code=1).stderr
    assert "cannot become" in run("visit", "attended", ann, code=1).stderr


def test_templates_reports_and_the_ledger(run, tmp_path):
    assert len(rows(run("template", "list", "--json"))) == 26
    assert rows(run("report", "build", "--json"))[0]["kilobytes"] < 2048
    assert run("upgrade").stdout == run("upgrade").stdout
    assert "0 enrolments decided" in run("sweep").stdout


def test_a_home_is_made_once(run, tmp_path):
    home = tmp_path / "clinic"
    assert "A home is in" in run("init", str(home)).stdout
    assert (home / "config" / "nurture.toml").is_file()
    assert "nothing was written" in run("init", str(home), code=1).stderr


LISTS = [("lead", "list"), ("campaign", "list"), ("campaign", "show", "lumbar-sciatica"), ("delivery", "list")]
LISTS += [("visit", "list"), ("template", "list"), ("report", "list"), ("campaign", "simulate", "lumbar-sciatica")]


@pytest.mark.parametrize("words", LISTS, ids=" ".join)
def test_tables_fit_eighty_columns_and_cut_neither_addresses_nor_mails_nor_times(run, ann, words):
    long = "wolfgang.amadeus.theophilus@musik.salzburg.example"
    run("lead", "add", long, "--name", "Wolfgang Amadeus Theophilus Mozart", "--report", "lumbar-sciatica")
    run("visit", "book", long, "--at", "2030-12-02 10:00")
    told = run(*words).stdout
    assert max(map(len, told.splitlines())) <= 80
    assert "…" not in told
    for name, value in ((name, value) for row in rows(run(*words, "--json")) for name, value in row.items()):
        if name in {"email", "mail", "step", "campaign"} and value and name in told:
            assert value in told


def test_every_reading_command_speaks_json():
    reading, context = {"list", "show", "simulate", "check", "build"}, click.Context(nurture)
    nouns = [nurture.get_command(context, name) for name in nurture.list_commands(context)]
    groups = [noun for noun in nouns if isinstance(noun, click.Group)]
    assert len(groups) == 6
    commands = [
        group.get_command(context, name) for group in groups for name in group.list_commands(context) if name in reading
    ]
    for command in commands:
        assert any(parameter.name == "as_json" for parameter in command.params), command.name


READING = [("lead", "show", "nobody"), ("lead", "show", "eve@example.com"), ("visit", "list", "--day", "soon")]
READING += [("campaign", "show", "none"), ("delivery", "show", "7"), ("campaign", "simulate", "none")]
READING += [("campaign", "simulate", "lumbar-sciatica", *wrong) for wrong in (("--zone", "CST"), ("--start", "soon"))]


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_a_command_that_only_reads_does_not_tell_what_it_left_alone(run, words):
    told = run(*words, code=1).stderr.lower()
    assert "nothing was" not in told
    assert told.startswith("nurture: ")
    assert told.count("\n") == 1
