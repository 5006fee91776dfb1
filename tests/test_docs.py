"""What the documents say is true, and what the program knows is documented."""

import re
import tomllib

import click
import pytest

from nurture import __version__
from nurture.config.environment import SECRETS, VARIABLES
from nurture.config.settings import load_settings
from nurture.domain.delivery_state import TRANSITIONS, DeliveryState
from nurture.domain.facts import Fact
from nurture.domain.message import MailKind
from tests.conftest import ROOT
from tests.crash.mutants import MUTANTS, mutated
from tests.reference.campaign_file import CAMPAIGN, STEP, WINDOW
from tests.reference.cli import commands
from tests.reference.pages import FOLDER, pages
from tests.reference.settings import config_keys

README = (ROOT / "README.md").read_text()
FILES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
#: Every document but what tells of the past, by its name from the root.
DOCUMENTS = {file.relative_to(ROOT).as_posix(): file.read_text() for file in FILES if file.name != "CHANGELOG.md"}
ALL = "\n".join(DOCUMENTS.values())
COMMANDS = dict(commands())
GROUPS = {words.rsplit(" ", 1)[0] for words in COMMANDS} | {"nurture"}
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
#: A clinic's own pictures: none ship.
OWN = "templates/images/"
PLACES = ("nurture", "tests", "docs", "config", "templates", "benchmarks")


def blocks(language):
    return [words for found, words in FENCED.findall(ALL) if found == language]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_leads_somewhere(document):
    place = (ROOT / document).parent
    for link, source in re.findall(r'\]\(([^)\s]+)\)|src="([^"]+)"', re.sub(FENCED, "", DOCUMENTS[document])):
        target, _, anchor = (link or source).partition("#")
        if "://" not in target:
            file = (place / target) if target else ROOT / document
            assert file.exists(), f"{document} leads to {target}"
            assert not anchor or anchor in anchors(file.read_text()), f"{document} leads to {link}"


def anchors(text):
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_document_is_reached_from_the_readme():
    reached, waiting = set(), ["README.md"]
    while waiting:
        document = waiting.pop()
        if document in DOCUMENTS and document not in reached:
            reached.add(document)
            links = re.findall(r"\]\(([^)#\s]+)", DOCUMENTS[document])
            files = (((ROOT / document).parent / link).resolve() for link in links if "://" not in link)
            waiting += [file.relative_to(ROOT).as_posix() for file in files]
    assert DOCUMENTS.keys() - reached == set()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_file_and_folder_that_is_named_is_there(document):
    named = re.findall(rf"`((?:{'|'.join(PLACES)})/[a-z0-9_./-]*)`", DOCUMENTS[document])
    named += re.findall(r"(?<![\w/`])((?:tests|docs)/[a-z_/]+\.(?:py|md))\b", DOCUMENTS[document])
    assert [place for place in named if place != OWN and not (ROOT / place).exists()] == []


def test_the_readme_draws_every_folder():
    drawn = re.findall(r"^ {4}(\w+)/ ", README.partition("## The folders")[2], re.MULTILINE)
    tracked = {path.parent.name for path in ROOT.glob("*/*") if not path.parent.name.startswith((".", "_"))}
    assert {*drawn} == tracked - {"var", "dist", "build"}


def test_the_readme_is_short():
    assert len(README.encode()) <= 6 * 1024


def test_the_reference_is_what_the_code_makes():
    made, kept = pages(), {file.name: file.read_text() for file in FOLDER.glob("*.md")}
    differing = [name for name in made.keys() | kept.keys() if made.get(name) != kept.get(name)]
    assert differing == [], "run `make docs`"


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_says_what_it_does(words):
    assert COMMANDS[words].get_short_help_str()
    options = [option for option in COMMANDS[words].params if isinstance(option, click.Option) and not option.hidden]
    assert [option.name for option in options if not option.help] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_and_option_of_a_document_exists(document):
    text = DOCUMENTS[document]
    given = re.findall(r"`(nurture(?: [^`]*)?)`", text) + re.findall(r"^ {4,}(nurture [^\n#]*)", text, re.MULTILINE)
    for line in given:
        words = [word for word in line.split() if word not in {"-h", "-v"}]
        called = [name for n in (1, 2, 3) if (name := " ".join(words[:n])) in COMMANDS.keys() | GROUPS]
        assert called, line
        assert called[-1] in COMMANDS or called[-1] == " ".join(words), line
        options = {word for word in words if word.startswith("--")}
        assert options <= {"--help"} | {opt for each in parameters(called[-1]) for opt in each.opts}, line


def parameters(words):
    return COMMANDS[words].params if words in COMMANDS else []


def test_every_variable_of_a_document_exists():
    known = {*VARIABLES, *(f"{name}_FILE" for name in SECRETS)}
    assert set(re.findall(r"NURTURE_[A-Z_]+[A-Z]", ALL)) == known


def test_every_setting_of_a_document_exists():
    known = config_keys()
    for table, key in re.findall(r"`\[([a-z.]+)\](?: (\w+))?`", ALL):
        assert table in known or table == "window", table
        assert not key or key in known[table], f"[{table}] {key}"


def test_every_fact_kind_and_state_of_a_document_exists():
    for word in [*Fact, *MailKind, *DeliveryState]:
        assert re.search(rf"\b{word}\b", ALL), word
    assert set(re.findall(r"--state (\w+)", ALL)) - {"S"} <= set(DeliveryState)
    assert set(re.findall(r"`(this_\w+)`", ALL)) <= {*Fact, "this_"}


@pytest.mark.parametrize("words", blocks("toml"), ids=lambda words: words.split('"')[1])
def test_every_example_of_a_file_can_be_read(words):
    table = tomllib.loads(words)
    for step in table.get("steps", []):
        assert step.keys() <= STEP.keys()
        assert {fact for key in ("only_if", "unless") for fact in step.get(key, [])} <= set(Fact)
    assert table.get("window", {}).keys() <= WINDOW.keys()
    assert table.keys() <= CAMPAIGN.keys() | {"subtitle", "summary", "page", "red_flags"}


def test_every_function_that_is_named_exists():
    program = [*(ROOT / "nurture").rglob("*.py"), *(ROOT / "templates").rglob("*.html")]
    known = set(re.findall(r"\b(?:def|macro) (\w+)\(", "\n".join(file.read_text() for file in program)))
    assert set(re.findall(r"`([a-z_]+)\(", ALL)) <= known


def test_every_block_part_and_name_of_an_example_exists():
    known = (FOLDER / "templates.md").read_text()
    for words in blocks("jinja"):
        for file in re.findall(r'"(emails/[\w./-]+)"', words):
            assert (ROOT / "templates" / file).is_file(), file
        for block in re.findall(r"{% block (\w+)", words):
            assert f"`{block}`" in known
        for macro in re.findall(r"import ([\w, ]+)", words):
            assert [each for each in macro.split(", ") if f"`{each.strip()}(" not in known] == []
        for name in re.findall(r"{{ (\w+\.\w+)", words):
            assert f"`{name}`" in known


def test_every_target_of_make_is_known_and_no_other():
    known = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:`|^ {4,})make ([a-z-]+)", ALL, re.MULTILINE))
    hooks = set(re.findall(r"entry: make ([a-z-]+)", (ROOT / ".pre-commit-config.yaml").read_text()))
    assert hooks | named == known
    assert hooks


def test_every_choice_of_tests_in_a_document_chooses_some():
    tests = [*(ROOT / "tests").rglob("test_*.py")]
    known = {
        name
        for file in tests
        for name in (*file.relative_to(ROOT).parts, *re.findall(r"def (test_\w+)", file.read_text()))
    }
    chosen = re.findall(r"""-k ['\\"]*([\w ]+)""", ALL + (ROOT / "Makefile").read_text())
    assert chosen
    for word in {word for words in chosen for word in words.split()} - {"or", "and", "not"}:
        assert any(word in name for name in known), word


def test_every_dependency_has_its_reason():
    pyproject = (ROOT / "pyproject.toml").read_text()
    names = set(re.findall(r'^ *"?([a-z0-9-]+)(?:\[\w+\])?>=', pyproject, re.MULTILINE))
    table = DOCUMENTS["docs/explanation/dependencies.md"].rpartition("| dependency | why |")[2]
    assert names
    assert [name for name in names if name not in table] == []


def test_every_promise_that_is_broken_on_purpose_is_counted():
    assert f"each of {len(MUTANTS)} promises is broken" in " ".join(DOCUMENTS["docs/proofs.md"].split())


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_every_promise_that_is_broken_on_purpose_stands_where_it_is_looked_for(mutant):
    compile(mutated(mutant, (ROOT / "nurture" / mutant.file).read_text()), mutant.file, "exec")
    assert (ROOT / "tests" / "crash" / mutant.test.partition(" ")[0]).is_file()


def test_every_decision_is_listed():
    decisions = {file.name for file in (ROOT / "docs" / "adr").glob("0*.md")}
    assert set(re.findall(r"\]\((0\d+[\w-]+\.md)\)", DOCUMENTS["docs/adr/README.md"])) == decisions


def test_the_changelog_knows_this_version():
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text()


def test_the_shipped_installation_loads():
    assert load_settings({"NURTURE_HOME": str(ROOT)}).clinic.phone == "817-220-6677"


def test_no_text_counts_the_weeks_that_a_simulation_counts():
    """They depend on the day on which the report is asked for; `{{ weeks }}` stands where a number is wanted."""
    campaigns = [file.read_text() for file in (ROOT / "config" / "campaigns").glob("*.toml")]
    for text in [ALL, *campaigns]:
        assert re.findall(r"(?i)\b(?:\d+|nine|ten|eleven|twelve|thirteen)[ -]weeks?\b", text) == []


def test_the_transitions_are_drawn_as_the_store_allows_them():
    drawn = {}
    for row in re.findall(r"^\| (`[^|]*) \| ([^|]*)\|[^|]*\|$", DOCUMENTS["docs/reference/states.md"], re.MULTILINE):
        states = [re.findall(r"`(\w+)`", cell) for cell in row]
        drawn |= {state: set(states[1]) for state in states[0] if state in list(DeliveryState)}
    assert drawn == {state: set(allowed) for state, allowed in TRANSITIONS.items()}
