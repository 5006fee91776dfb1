"""What the machine refuses, and what its settings cannot mean: one sentence, the right exit code, nothing half done."""

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from nurture.cli import nurture
from tests.cli.test_wrong_calls import ANN, assert_one_sentence

READING = [("lead", "list"), ("visit", "list"), ("delivery", "list", "--json"), ("campaign", "list")]
CHANGING = [
    ("lead", "add", ANN),
    ("visit", "confirm", "1"),
    ("sweep",),
    ("upgrade",),
    ("template", "list"),
    ("report", "list"),
]
CHECK = ("check", "--json")
FULL = Path("/dev/full")


@pytest.fixture
def place(home, tmp_path, put_verdicts):
    shutil.copytree(home, tmp_path / "home")
    put_verdicts(tmp_path / "home" / "var")
    return tmp_path / "home"


@pytest.fixture
def call(place, monkeypatch):
    """Runs a command in that home, with what else the environment says."""
    monkeypatch.setenv("NURTURE_HOME", str(place))

    def run(*words, **environment):
        return CliRunner(env=environment).invoke(nurture, words)

    return run


WRONG = {
    "NURTURE_SMPT_URL": [(1, "smtp://relay.example")],
    "NURTURE_VAR": [(1, __file__), (3, "/dev/null/var"), (3, "/proc/var")],
    "NURTURE_HOME": [(1, __file__), (1, "/nowhere"), (1, "/dev/null/home")],
    "NURTURE_BROKER_URL": [
        (1, url) for url in ("redis://127.0.0.1:99999/0", "redis://h:port", "http://h", "h", "redis://")
    ],
    "NURTURE_PUBLIC_URL": [
        (1, url) for url in ("clinic.example", "https://h:99999", "http://clinic.example", "https:///x")
    ],
    "NURTURE_SECRET_KEY_FILE": [(1, file) for file in ("/nowhere", "/dev/null", "/")],
    "NURTURE_DATABASE_URL": [
        (1, "postgresql://u:secretpw@h:port/n"),
        (1, "postgresql://u:secretpw@h:99999/n"),
        (1, "mysql://u:secretpw@h/n"),
        (1, "postgres://u:secretpw@h/n"),
        (1, "sqlite://"),
        (1, "sqlite:///:memory:"),
        (1, "sqlite:////tmp/x.db?mode=ro"),
        (1, "nonsense"),
        (1, "sqlite:////dev/null/x.db"),
        (1, "sqlite:////nowhere/x.db"),
        (3, "sqlite:////proc/x.db"),
        (3, "sqlite:////dev"),
        (3, "postgresql://u:secretpw@127.0.0.1:1/n"),
        (3, "postgresql://u:secretpw@127.0.0.1:1/n?nonsense=1"),
    ],
    "NURTURE_SMTP_URL": [
        (1, f"smtp{rest}")
        for rest in (
            "",
            "://",
            "://h:port",
            "://h:99999",
            "://h:0",
            "://u:secretpw@h?tls=maybe",
            "://h/path",
            "://h?a=b",
        )
    ],
    "NURTURE_CLOCK_FILE": [(1, "/nowhere"), (1, "/dev/null"), (1, "/")],
}
SETTINGS = [(name, value, code) for name, values in WRONG.items() for code, value in values]


@pytest.mark.parametrize(("name", "value", "code"), SETTINGS)
def test_a_setting_that_cannot_be_meant(call, name, value, code):
    for words in (("lead", "list"), ("lead", "add", ANN), ("sweep",)):
        result = call(*words, **{name: value})
        assert_one_sentence(result)
        assert (result.exit_code, result.stdout) == (code, ""), words
        assert "secretpw" not in result.output
        assert name in result.stderr or code == 3 or name == "NURTURE_HOME"


def _corrupt(var):
    (var / "nurture.db").write_bytes(b"This is no database at all. " * 1000)


def _torn(var):
    whole = (var / "nurture.db").read_bytes()
    (var / "nurture.db").write_bytes(whole[:4096] + b"\xff" * 8192)
    for file in var.glob("nurture.db-*"):
        file.unlink()


def _folder(var):
    (var / "nurture.db").unlink()
    (var / "nurture.db").mkdir()


def _newer(var):
    with closing(sqlite3.connect(var / "nurture.db")) as ledger, ledger:
        ledger.execute("UPDATE alembic_version SET version_num = '9999'")


def _somebody_elses(var):
    (var / "nurture.db").unlink()
    with closing(sqlite3.connect(var / "nurture.db")) as ledger, ledger:
        ledger.execute("CREATE TABLE leads (x)")


def _without_a_table(var):
    with closing(sqlite3.connect(var / "nurture.db")) as ledger, ledger:
        ledger.execute("DROP TABLE system_state")


def _key_is_a_folder(var):
    (var / "secret-key").unlink()
    (var / "secret-key").mkdir()


def _key_is_empty(var):
    (var / "secret-key").write_text("")


BREAKS = [_corrupt, _torn, _folder, _newer, _somebody_elses, _without_a_table, _key_is_a_folder, _key_is_empty]


@pytest.mark.parametrize("break_", BREAKS, ids=lambda each: each.__name__.strip("_"))
def test_a_broken_ledger(call, place, break_):
    assert call("lead", "add", ANN).exit_code == 0
    break_(place / "var")
    for words in (*READING[:3], CHANGING[0], CHANGING[2], ("upgrade",)):
        if break_ is _without_a_table and words[0] in {"lead", "visit", "delivery", "upgrade"}:
            continue
        result = call(*words)
        assert_one_sentence(result)
        assert result.exit_code == (1 if break_ is _key_is_empty else 3), words
    if break_ in {_corrupt, _without_a_table}:
        result = call(*CHECK)
        assert isinstance(result.exception, SystemExit), repr(result.exception)
        assert result.exit_code in {1, 3}


def test_the_check_of_an_empty_ledger_looks_at_all_the_rest(call, place):
    (place / "var").mkdir(exist_ok=True)
    (place / "var" / "nurture.db").touch()
    result = call(*CHECK)
    assert result.exit_code == 1
    assert '"broker"' in result.stdout
    assert "no tables yet" in result.stdout


def test_what_stands_in_the_inboxs_place_is_no_trouble(call, place):
    (place / "var" / "inbox").mkdir(parents=True)
    (place / "var" / "inbox" / "port").write_text("many")
    (place / "var" / "ledger-seen").write_bytes(b"\xff\xfe")
    for words in (*READING, ("sweep",)):
        assert call(*words).exit_code == 0, words


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
@pytest.mark.parametrize("words", [*READING[:1], *CHANGING], ids=" ".join)
def test_a_home_of_somebody_else(call, place, words):
    shutil.rmtree(place / "var")
    place.chmod(0o500)
    try:
        result = call(*words)
    finally:
        place.chmod(0o700)
    assert_one_sentence(result)
    assert result.exit_code == 3
    assert "Permission denied" in result.stderr


@pytest.fixture
def real(place):
    """The command as an executable, with the output it is given."""

    def run(*words, stdout=subprocess.PIPE, encoding="utf-8", **environment):
        env = os.environ | {"NURTURE_HOME": str(place)} | environment
        command = [sys.executable, "-m", "nurture", *words]
        streams = {"stdout": stdout, "stderr": subprocess.PIPE, "encoding": encoding}
        return subprocess.run(command, env=env, check=False, **streams)

    return run


def test_a_home_that_cannot_be_finished_is_not_begun(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "notes").touch()
    for name in ("there", "fresh"):
        # No file may grow beyond 4 KB.
        shell = ["sh", "-c", f"ulimit -f 8; exec {sys.executable} -m nurture init {tmp_path / name}"]
        result = subprocess.run(shell, capture_output=True, text=True, check=False)
        assert result.returncode == 3
        assert "File too large" in result.stderr
        assert "so nothing was written" in result.stderr
    assert [file.name for file in (tmp_path / "there").iterdir()] == ["notes"]
    assert not (tmp_path / "fresh").exists()


@pytest.mark.skipif(not FULL.exists(), reason="no device here that is always full")
@pytest.mark.parametrize(
    "words", [("lead", "add", ANN), ("campaign", "list"), ("lead", "list", "--json"), ("--help",)], ids=" ".join
)
def test_an_answer_that_finds_no_room_is_said_to_be_missing_and_the_change_stands(real, words):
    with FULL.open("w") as full:
        result = real(*words, stdout=full)
    assert result.returncode == 3
    assert result.stderr.startswith("nurture: The answer cannot be written (No space left on device).")
    assert result.stderr.count("\n") == 1
    if words[1:2] == ("add",):
        assert ANN in real("lead", "list").stdout


def test_a_closed_output_and_a_narrow_alphabet_lose_nothing(real, place):
    assert real("lead", "add", ANN, "--name", "Zoë Ōe", PYTHONIOENCODING="latin-1").returncode == 0
    assert "Zo\xeb \\u014ce" in real("lead", "show", ANN, encoding="latin-1", PYTHONIOENCODING="latin-1").stdout
    shell = ["sh", "-c", f"exec {sys.executable} -m nurture lead list >&-"]
    closed = subprocess.run(shell, env=os.environ | {"NURTURE_HOME": str(place)}, capture_output=True, check=False)
    assert (closed.returncode, closed.stderr) == (0, b"")


def test_a_wrong_call_of_the_executable(real):
    result = real("delivery", "show", "9" * 40)
    assert (result.returncode, result.stdout) == (2, "")
    assert "Traceback" not in result.stderr
    result = real("lead", "list", NURTURE_SMPT_URL="smtp://relay.example")
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
