"""While NURTURE_ONLY_TO is set, every command and process says so, and a sample obeys it."""

import json
import os
import subprocess
import sys
from threading import Timer

import pytest

from nurture.local.inbox.maildir import list_mail
from tests.real_installation import free_port

ONLY = {"NURTURE_ONLY_TO": "ann@example.com, bob@example.com", "NURTURE_SMTP_URL": "smtp://127.0.0.1:1?tls=none"}
SAID = "nurture: a rehearsal: NURTURE_ONLY_TO lets mail out to 2 addresses alone, all other is kept in "


def test_a_command_says_it_once_beside_its_answer(run, tmp_path):
    told = run("lead", "list", "--json", env=ONLY)
    assert told.stderr == f"{SAID}{tmp_path / 'var' / 'inbox'}.\n"
    assert json.loads(told.stdout) == []
    assert run("lead", "list").stderr == ""


def test_the_check_says_it(run):
    answers = {each["part"]: each for each in json.loads(run("check", "--json", code=1, env=ONLY).stdout)}
    assert "2 addresses alone" in answers["rehearsal"]["words"]
    assert "rehearsal" not in run("check", code=1).stdout


@pytest.mark.parametrize(
    "words", [("web", "--port", str(free_port())), ("worker",), ("beat",)], ids=lambda each: each[0]
)
def test_a_process_says_it_in_its_log(words, home, tmp_path):
    places = {"NURTURE_HOME": str(home), "NURTURE_VAR": str(tmp_path / "var")}
    command = [sys.executable, "-m", "nurture", *words]
    with subprocess.Popen(command, env=os.environ | places | ONLY, stderr=subprocess.PIPE, text=True) as process:
        Timer(30, process.kill).start()
        assert process.stderr.readline().startswith(SAID)
        process.kill()


def test_a_sample_for_anybody_else_is_kept(run, tmp_path):
    sent = run("template", "send", "lumbar-sciatica/report", "--to", "carla@example.com", env=ONLY)
    assert "because NURTURE_ONLY_TO does not name that address" in " ".join(sent.stdout.split())
    assert [mail.recipient for mail in list_mail(tmp_path / "var" / "inbox")] == ["carla@example.com"]
