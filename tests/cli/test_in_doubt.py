"""What staff do about mail in doubt, and what they are told when there is nothing to do."""

import json
import sqlite3
from contextlib import closing

import pytest


@pytest.fixture
def in_doubt(run, tmp_path):
    """An installation with one delivery whose answer never came; its number."""
    run("lead", "add", "ann@example.com", "--report", "lumbar-sciatica")
    with closing(sqlite3.connect(tmp_path / "var" / "nurture.db")) as ledger, ledger:
        ledger.execute("UPDATE deliveries SET state = 'uncertain', reason = 'no answer', settled_at = queued_at")
    return "1"


def state(run):
    return json.loads(run("delivery", "list", "--json").stdout)[0]["state"]


def test_a_mail_in_doubt_is_listed_by_name(run, in_doubt):
    [listed] = json.loads(run("delivery", "list", "--state", "uncertain", "--json").stdout)
    assert (listed["mail"], listed["reason"]) == ("lumbar-sciatica/report", "no answer")
    assert "nurture delivery settle ID" in run("delivery", "list", "--state", "uncertain").stderr
    assert run("delivery", "list", "--state", "failed").stderr == ""


def test_what_may_have_gone_twice_is_listed_though_it_was_sent(run, in_doubt, tmp_path):
    assert run("delivery", "list", "--twice").stdout == "No deliveries.\n"
    with closing(sqlite3.connect(tmp_path / "var" / "nurture.db")) as ledger, ledger:
        ledger.execute("UPDATE deliveries SET state = 'sent', reason = NULL, times_in_doubt = 1")
    [listed] = json.loads(run("delivery", "list", "--twice", "--json").stdout)
    assert (listed["state"], listed["doubts"]) == ("sent", 1)
    assert "went once more" in run("delivery", "list", "--twice").stderr


@pytest.mark.parametrize(("word", "becomes"), [("sent", "sent"), ("unsent", "failed")])
def test_a_mail_in_doubt_is_settled_once_and_then_stays(run, in_doubt, word, becomes):
    assert f"on record as {word}" in run("delivery", "settle", in_doubt, word).stdout
    assert state(run) == becomes
    refused = run("delivery", "settle", in_doubt, word, code=1).stderr
    assert "not in doubt, so it stays as it is" in refused


def test_a_mail_in_doubt_is_sent_once_more(run, in_doubt):
    assert "goes once more" in run("delivery", "retry", in_doubt).stdout
    assert state(run) == "queued"
    assert "only failed and uncertain ones" in run("delivery", "retry", in_doubt, code=1).stderr


def test_a_number_that_nothing_has_is_one_sentence(run, in_doubt):
    for words in (("settle", "99", "sent"), ("retry", "99")):
        assert "There is no delivery 99" in run("delivery", *words, code=1).stderr


def test_release_says_how_many_and_dry_runs_send_none(run, in_doubt, tmp_path):
    assert run("delivery", "release").stdout.startswith("0 held mails go")
    with closing(sqlite3.connect(tmp_path / "var" / "nurture.db")) as ledger, ledger:
        ledger.execute("UPDATE deliveries SET reason = 'restored'")
    assert run("delivery", "release", "--dry-run").stdout.startswith("1 held mail would go")
    assert state(run) == "uncertain"
    assert run("delivery", "release").stdout.startswith("1 held mail goes")
    assert state(run) == "queued"
