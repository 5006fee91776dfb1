"""What is wrong with an installation is said in one sentence, with no traceback and no secret."""

import json
import os
import shutil
import subprocess
import sys

import pytest


@pytest.fixture
def broken(home, tmp_path, put_verdicts):
    """A home to break, and the command run in it as a person would."""
    place = tmp_path / "home"
    shutil.copytree(home, place)
    put_verdicts(tmp_path / "home" / "var")

    def run(*words, **environment):
        env = os.environ | {"NURTURE_HOME": str(place)} | environment
        command = [sys.executable, "-m", "nurture", *words]
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False)

    run.place = place
    return run


def said(result, code=1):
    assert result.returncode == code
    assert "Traceback" not in result.stderr
    assert result.stderr.startswith("nurture: ")
    assert result.stderr.count("\n") == 1
    return result.stderr


def test_an_unknown_key_is_named_with_its_file(broken):
    file = broken.place / "config" / "campaigns" / "lumbar-sciatica.toml"
    file.write_text(file.read_text().replace('after_last = "1d"', 'afterlast = "1d"', 1))
    sentence = said(broken("campaign", "list"))
    assert "lumbar-sciatica.toml: steps[2]." in sentence


def test_a_missing_template_is_named(broken):
    (broken.place / "templates" / "emails" / "lumbar-sciatica" / "report" / "body.txt").unlink()
    assert "report/body.txt does not exist" in said(broken("sweep"))


def test_no_home_at_all(broken, tmp_path):
    assert "nurture init" in said(broken("lead", "list", NURTURE_HOME=str(tmp_path / "nowhere")))


def test_an_unreachable_database_does_not_tell_its_password(broken):
    url = "postgresql://nurture:secretpw@127.0.0.1:1/nurture"
    sentence = said(broken("lead", "list", NURTURE_DATABASE_URL=url), code=3)
    assert "does not answer" in sentence
    assert "secretpw" not in sentence


@pytest.mark.parametrize("words", [("lead", "list"), ("upgrade",), ("check",), ("web", "--port", "0")], ids=" ".join)
def test_a_folder_that_nobody_made_is_not_made_for_a_ledger(broken, tmp_path, words):
    place = tmp_path / "slip" / "of" / "the" / "pen"
    sentence = said(broken(*words, NURTURE_DATABASE_URL=f"sqlite:///{place}/nurture.db"))
    assert str(place) in sentence
    assert not (tmp_path / "slip").exists()


def test_the_folder_of_our_own_ledger_is_made(broken, tmp_path):
    place = tmp_path / "new" / "var"
    assert broken("lead", "list", NURTURE_VAR=str(place)).returncode == 0
    assert (place / "nurture.db").is_file()


@pytest.mark.parametrize("url", ["smtp//x", "http://x", "smtp://u:secretpw@h:port", "smtp://u:secretpw@h?tls=maybe"])
def test_a_relay_address_that_cannot_be_understood(broken, url):
    sentence = said(broken("lead", "list", NURTURE_SMTP_URL=url))
    assert "NURTURE_SMTP_URL" in sentence
    assert "secretpw" not in sentence


def test_an_unreachable_relay_is_named_by_the_check(broken):
    result = broken("check", "--json", NURTURE_SMTP_URL="smtp://127.0.0.1:1?tls=none")
    assert result.returncode == 1
    answers = {each["part"]: each for each in json.loads(result.stdout)}
    assert "cannot be used" in answers["relay"]["words"]
    assert not answers["broker"]["good"]
    assert "Traceback" not in result.stderr


OPENERS = [
    ("lead", "list"),
    ("sweep",),
    ("upgrade",),
    ("web", "--port", "0"),
    ("worker",),
    ("beat",),
    ("up", "--port", "0"),
]


@pytest.mark.parametrize("words", OPENERS, ids=lambda words: words[0])
def test_whatever_opens_the_ledger_refuses_another_key_than_its_first(broken, words):
    assert broken("lead", "list", NURTURE_SECRET_KEY="old").returncode == 0
    sentence = said(broken(*words, NURTURE_SECRET_KEY="new old"))
    assert "secret key is not the one" in sentence
    assert broken("lead", "list", NURTURE_SECRET_KEY="old new").returncode == 0


def test_the_check_says_that_the_key_is_another_one_or_belongs_into_the_backup(broken):
    broken("lead", "list", NURTURE_SECRET_KEY="old")

    def secret_key(key):
        answers = json.loads(broken("check", "--json", NURTURE_SECRET_KEY=key).stdout)
        return next(each for each in answers if each["part"] == "secret key")

    assert "belongs into your backup" in secret_key("old")["words"]
    assert not secret_key("new")["good"]
    assert "Put the old key first" in secret_key("new")["words"]


def test_a_key_that_is_lost_for_good_is_given_up_by_name_alone(broken):
    broken("lead", "list", NURTURE_SECRET_KEY="old")
    told = broken("upgrade", "--new-key", NURTURE_SECRET_KEY="new")
    assert told.returncode == 0
    assert "Links already mailed stay dead." in told.stdout
    assert broken("lead", "list", NURTURE_SECRET_KEY="new").returncode == 0
    assert "secret key is not the one" in said(broken("lead", "list", NURTURE_SECRET_KEY="old"))
