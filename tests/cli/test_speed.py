"""The front desk does not wait for what it does not use."""

import resource
import subprocess
import sys

import pytest

from nurture.cli import nurture

# What an idle machine should take, in seconds, beside the 0.216 that it takes to import these three alone. Measured in
# processor time against that import, because the machine that runs this has other things to do.
IMPORTS, ALONE = "import click, sqlalchemy, kombu", 0.216
HELP, READING, CHANGING = 0.2, 0.4, 0.6
_LOADED = "import sys; from nurture.cli import nurture; nurture(sys.argv[1:], standalone_mode=False)"
_LOADED += "; print(*sys.modules)"


@pytest.fixture
def desk(home, tmp_path, monkeypatch):
    monkeypatch.setenv("NURTURE_HOME", str(home))
    monkeypatch.setenv("NURTURE_VAR", str(tmp_path / "var"))
    for words in (("lead", "add", "ann@example.com"), ("visit", "book", "ann@example.com", "--at", "2030-12-03 10:00")):
        subprocess.run([sys.executable, "-m", "nurture", *words], check=True, capture_output=True)


def loaded(*words):
    command = [sys.executable, "-c", _LOADED, *words]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {name.partition(".")[0] for name in out.splitlines()[-1].split()}


def seconds(*words):
    """What the command takes on an idle machine: the quickest of three runs, in processor time."""
    ours, theirs = [], []
    for _ in range(3):
        theirs.append(processor_time("-c", IMPORTS))
        ours.append(processor_time("-m", "nurture", *words))
    return min(ours) / min(theirs) * ALONE


def processor_time(*words):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_help_loads_no_command():
    assert not loaded("-h") & {"sqlalchemy", "jinja2", "rich", "celery", "nurture.cli.lead"}
    assert seconds("-h") <= HELP


@pytest.mark.parametrize("words", [("lead", "list"), ("visit", "list"), ("delivery", "list", "--json")], ids=" ".join)
def test_reading_loads_neither_the_way_to_the_workers_nor_the_inliner(desk, words):
    assert not loaded(*words) & {"celery", "kombu", "redis", "premailer", "alembic", "waitress"}
    assert seconds(*words) <= READING


def test_changing_loads_neither_the_tasks_nor_the_inliner(desk):
    assert not loaded("visit", "confirm", "1") & {"premailer", "alembic", "waitress"}
    assert seconds("visit", "cancel", "1") <= CHANGING


@pytest.mark.parametrize("group", [nurture, nurture.get_command(None, "lead")], ids=["nurture", "lead"])
def test_help_says_of_each_command_what_the_command_says(group):
    for name, (_, line) in group._places.items():
        command = group.get_command(None, name)
        assert command.hidden == (line == "")
        assert " ".join(command.help.split()).startswith(line.rstrip(".")), name
