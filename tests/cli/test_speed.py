"""The front desk does not wait for what it does not use."""

import resource
import subprocess
import sys

import click
import pytest

from nurture.cli import nurture

# Seconds of processor time on an idle machine; importing click, SQLAlchemy and kombu alone takes 0.22.
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
    """The processor time of the quickest of three runs: what an idle machine would take."""
    runs = []
    for _ in range(3):
        before = processor_time()
        subprocess.run([sys.executable, "-m", "nurture", *words], check=True, stdout=subprocess.DEVNULL)
        runs.append(processor_time() - before)
    return min(runs)


def processor_time():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


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


def test_help_says_of_each_command_what_the_command_says():
    context = click.Context(nurture)
    for name, (_, line) in nurture._places.items():
        command = nurture.get_command(context, name)
        assert command.hidden == (line == "")
        assert " ".join(command.help.split()).startswith(line.rstrip(".")), name
