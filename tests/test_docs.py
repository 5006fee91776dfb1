"""What the documents say is true."""

import re
from pathlib import Path

import click
import pytest

from nurture import __version__
from nurture.domain.delivery_state import TRANSITIONS, DeliveryState
from nurture.domain.facts import Fact
from nurture.domain.message import MailKind
from nurture.environment import VARIABLES
from nurture.settings import load_settings
from nurture.web.app import create_web
from tests.crash.mutants import MUTANTS
from tests.reference.cli import commands
from tests.reference.pages import FOLDER, pages

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


@pytest.mark.parametrize(("words", "command"), list(commands()), ids=[words for words, _ in commands()])
def test_every_command_is_in_the_readme_and_says_what_it_does(words, command):
    assert re.search(rf"`{re.escape(words)}\b", README)
    assert command.get_short_help_str()
    options = [option for option in command.params if isinstance(option, click.Option) and not option.hidden]
    assert [option.name for option in options if not option.help] == []


def test_the_reference_is_what_the_code_makes():
    made, kept = pages(), {file.name: file.read_text() for file in FOLDER.glob("*.md")}
    differing = [name for name in made.keys() | kept.keys() if made.get(name) != kept.get(name)]
    assert differing == [], "run `make docs`"


def test_every_command_of_the_readme_exists():
    named = set(re.findall(r"`(nurture [a-z-]+(?: [a-z-]+)?)", README))
    known = {words for words, _ in commands()} | {words.rsplit(" ", 1)[0] for words, _ in commands()}
    assert {name for name in named if name not in known and name.rsplit(" ", 1)[0] not in known} == set()


def test_every_variable_is_explained():
    assert set(VARIABLES) <= set(re.findall(r"`(NURTURE_[A-Z_]+)`", README))


def test_every_fact_kind_and_state_is_explained():
    for word in [*Fact, *MailKind, *DeliveryState]:
        assert re.search(rf"\b{word}\b", README), word


def test_every_file_that_is_linked_is_there():
    for target in re.findall(r'\]\(([^)#]+)\)|src="([^"]+)"', README):
        assert (ROOT / "".join(target)).exists()


def test_every_address_of_the_pages_is_explained(installation):
    rules = {str(rule) for rule in create_web(installation.runtime).url_map.iter_rules()}
    files = {"/site.css", "/zone.js", "/report/<token>.pdf", "/visit/<token>.ics"}
    assert {rule for rule in rules - files if rule not in README} == set()


def test_every_dependency_has_its_reason():
    pyproject = (ROOT / "pyproject.toml").read_text()
    names = set(re.findall(r'^ *"?([a-z0-9-]+)(?:\[\w+\])?>=', pyproject, re.MULTILINE))
    table = README.rpartition("| dependency | why |")[2]
    assert names
    assert all(name in table for name in names)


def test_every_promise_that_is_broken_on_purpose_is_counted():
    assert f"each of {len(MUTANTS)} promises is broken" in README


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_every_promise_that_is_broken_on_purpose_stands_where_it_is_looked_for(mutant):
    assert mutant.whole in (ROOT / "nurture" / mutant.file).read_text()
    assert (ROOT / "tests" / "crash" / mutant.test.partition(" ")[0]).is_file()


def test_the_changelog_knows_this_version():
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text()


def test_the_shipped_files_load():
    assert load_settings({"NURTURE_HOME": str(ROOT)}).clinic.phone == "817-220-6677"


def test_no_text_counts_the_weeks_that_a_simulation_counts():
    """They depend on the day on which the report is asked for; `{{ weeks }}` stands where a number is wanted."""
    campaigns = [file.read_text() for file in (ROOT / "config" / "campaigns").glob("*.toml")]
    for text in [README, *campaigns]:
        assert re.findall(r"(?i)\b(?:\d+|nine|ten|eleven|twelve|thirteen)[ -]weeks?\b", text) == []


def test_the_transitions_are_drawn_as_the_store_allows_them():
    drawn = {}
    for row in re.findall(r"^\| (`[^|]*) \| ([^|]*)\|[^|]*\|$", README, re.MULTILINE):
        states = [re.findall(r"`(\w+)`", cell) for cell in row]
        drawn |= {state: set(states[1]) for state in states[0] if state in list(DeliveryState)}
    assert drawn == {state: set(allowed) for state, allowed in TRANSITIONS.items()}
