"""What staff see of the mails as they are written: findings, and a sample in their own inbox."""

import json
import re
import shutil
import socket
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from nurture.local.inbox.maildir import list_mail
from nurture.mail.personas import PERSONAS
from tests.local.conftest import open_inbox
from tests.real_installation import free_port

MAIL = "lumbar-sciatica/the-door-is-open"


@pytest.fixture
def small(home, tmp_path):
    """A home with two mails, because looking at all of them takes its time."""
    place = tmp_path / "home"
    shutil.copytree(home, place)
    campaigns = place / "config" / "campaigns"
    for file in campaigns.iterdir():
        if file.stem != "lumbar-sciatica":
            file.unlink()
    drip = campaigns / "lumbar-sciatica.toml"
    head, report, *_, last = drip.read_text().split("[[steps]]")
    drip.write_text("[[steps]]".join([head, report, last]))
    return {"NURTURE_HOME": str(place)}


@pytest.fixture
def broken(small):
    """A home whose mails have findings, with long names and long words."""
    subject = Path(small["NURTURE_HOME"]) / "templates" / "emails" / MAIL / "subject.txt"
    subject.write_text("Sciatica, and whatever else you always wanted to know about your lower back\n")
    return small


def test_where_nothing_is_wrong_one_line_says_so(run, small):
    assert "nothing to object to" in run("template", "check", env=small).stdout


def test_findings_are_a_list_that_fits_eighty_columns_and_an_exit_code(run, broken):
    result = run("template", "check", code=1, env=broken)
    assert f"To mend:\ntemplates/emails/{MAIL}/subject.txt:1\n    subject: 75 characters" in result.stdout
    assert "    privacy: the subject says “Sciatica”\n" in result.stdout
    assert re.search(r"\n\d+ mails: 3 faults, 0 to consider\.\n", result.stdout)
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_findings_are_json_for_programs(run, broken):
    found = json.loads(run("template", "check", "--json", code=1, env=broken).stdout)
    assert found[0] == {
        "file": f"templates/emails/{MAIL}/subject.txt",
        "line": 1,
        "rule": "subject",
        "detail": found[0]["detail"],
        "mail": MAIL,
        "level": "fault",
        "mails": 1,
    }


def test_advice_leaves_the_exit_code_alone(run, broken):
    file = Path(broken["NURTURE_HOME"]) / "templates" / "emails" / MAIL / "subject.txt"
    file.write_text("The LAST of our mails\n")
    said = run("template", "check", env=broken).stdout
    assert said.startswith(f"To consider:\ntemplates/emails/{MAIL}/subject.txt:1\n    shouting: ")
    assert re.search(r"\n\d+ mails: 0 faults, 1 to consider\.\n$", said)


def test_a_campaign_with_findings_is_refused_in_one_sentence(run, broken):
    run("lead", "add", "ann@example.com")
    result = run("campaign", "enqueue", "lumbar-sciatica", "--segment", "all", code=1, env=broken)
    assert result.stdout == ""
    assert f"{MAIL}/subject.txt line 1" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_sample_reaches_the_captured_inbox_and_no_ledger(run, tmp_path):
    inbox = tmp_path / "var" / "inbox"
    process = open_inbox(inbox)
    try:
        for persona in PERSONAS:
            said = run("template", "send", MAIL, "--to", "Me@Clinic.example", "--persona", persona).stdout
            assert said == (
                "“The last of our scheduled mails” for me@clinic.example is with the captured inbox at "
                f"127.0.0.1:{process.port}.\n"
            )
        mails = list_mail(inbox)
    finally:
        process.stop()
    assert {(mail.recipient, mail.subject) for mail in mails} == {
        ("me@clinic.example", "The last of our scheduled mails")
    }
    assert len({mail.message_id for mail in mails}) == len(PERSONAS)
    names = {message_from_bytes(mail.source, policy=default)["To"].addresses[0].display_name for mail in mails}
    assert names == set(PERSONAS.values())
    assert json.loads(run("delivery", "list", "--json").stdout) == []


def test_an_inbox_that_does_not_run_is_said_plainly(run, tmp_path):
    (tmp_path / "var" / "inbox").mkdir()
    (tmp_path / "var" / "inbox" / "port").write_text(str(free_port()))
    assert "captured inbox does not run" in run("template", "send", MAIL, "--to", "me@clinic.example", code=1).stderr


REFUSED = [
    ("template", "send", "lumbar-sciatica/none", "--to", "me@clinic.example"),
    ("template", "send", "none", "--to", "me@clinic.example"),
    ("template", "send", MAIL, "--to", "me"),
]


@pytest.mark.parametrize("words", REFUSED, ids=" ".join)
def test_a_sample_that_cannot_be_sent_is_one_sentence(run, words):
    result = run(*words, code=1)
    assert result.stdout == ""
    assert result.stderr.startswith("nurture: ")
    assert "nothing was" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_relay_that_does_not_answer_is_named_without_its_password(run):
    env = {"NURTURE_SMTP_URL": f"smtp://me:secretpw@127.0.0.1:{free_port()}?tls=none"}
    said = run("template", "send", MAIL, "--to", "me@clinic.example", code=1, env=env).stderr
    assert "did not take the mail, so nothing was sent" in said
    assert "secretpw" not in said


def test_a_port_that_is_taken_is_one_sentence(run):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = run("template", "preview", "--port", str(taken.getsockname()[1]), code=3).stderr
    assert "Choose another: --port N." in said
    assert said.count("\n") == 1
