"""Rules of this project that no linter knows."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "nurture").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
IS_MIGRATION = re.compile(r"/migrations/versions/")
CLOCKS = {"now", "utcnow", "today"}
LONGEST_FILE, LONGEST_FUNCTION = 250, 40
BANNED_NAMES = {"utils", "helpers", "manager", "common", "misc"}


def name_of(path):
    return str(path.relative_to(ROOT))


def functions(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_module_says_what_it_is_and_stays_small(path):
    text = path.read_text()
    tree = ast.parse(text)
    assert ast.get_docstring(tree), "a module says in one to three lines what it is"
    assert path.stem not in BANNED_NAMES
    if not IS_MIGRATION.search(str(path)):
        assert text.count("\n") <= LONGEST_FILE
        long = [node.name for node in functions(tree) if node.end_lineno - node.lineno >= LONGEST_FUNCTION]
        assert not [name for name in long if name not in ALLOWED_LONG]


# One literal table each: Celery's settings with their reasons.
ALLOWED_LONG = {"configuration"}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_only_the_clock_reads_the_time(path):
    """`datetime.now` and its like are called in clock.py and nowhere else."""
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    names = {ast.unparse(node.func) for node in calls}
    readers = {
        name for name in names if re.fullmatch(r"(datetime\.)?(datetime|date)\.(now|utcnow|today)|time\.time", name)
    }
    allowed = {"datetime.now"} if name_of(path) == "nurture/clock.py" else set()
    assert readers <= allowed


@pytest.mark.parametrize("path", sorted((ROOT / "nurture" / "domain").glob("*.py")), ids=name_of)
def test_the_domain_has_no_clock_no_files_and_no_log(path):
    tree = ast.parse(path.read_text())
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not imported & {"time", "logging", "os", "pathlib", "random", "secrets", "socket", "io", "subprocess"}
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not attributes & CLOCKS
    assert "open" not in {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def test_tasks_carry_ids_alone():
    tree = ast.parse((ROOT / "nurture" / "worker" / "celery_app.py").read_text())
    tasks = [node for node in functions(tree) if any("task" in ast.unparse(each) for each in node.decorator_list)]
    arguments = {ast.unparse(each.annotation) for task in tasks for each in task.args.args}
    assert len(tasks) == 2
    assert arguments == {"list[int]"}
    keywords = {each.arg for node in ast.walk(tree) if isinstance(node, ast.Call) for each in node.keywords}
    assert not {"eta", "countdown", "link", "chain"} & keywords


def test_commands_and_pages_read_the_store_through_queries():
    """What they show has a file of its own there; beside that a command may only ask for the tables' version."""
    allowed = ("nurture.store.queries.", "nurture.store.revision", "nurture.store.upgrade")
    for path in MODULES:
        if {"cli", "web"} & set(path.parts):
            imported = re.findall(r"(?:from|import) (nurture\.store\S*)", path.read_text())
            assert [each for each in imported if not each.startswith(allowed)] == [], name_of(path)


def test_sql_is_said_in_the_store_alone():
    for path in MODULES:
        if "/store/" not in str(path):
            imported = re.findall(r"^(?:from|import) (sqlalchemy[^\n]*)", path.read_text(), re.MULTILINE)
            assert set(imported) <= {"sqlalchemy import Connection"}, name_of(path)


@pytest.mark.parametrize("path", [path for path in TESTS if path.name.startswith("test_")], ids=name_of)
def test_tests_mock_nothing_of_ours(path):
    if path != Path(__file__):
        assert not re.search(r"unittest\.mock|\bMagicMock\b|\bmocker\b", path.read_text())


def test_nothing_tracked_names_an_index_or_a_machine():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    requirements = [(ROOT / name).read_text() for name in tracked if name.startswith("requirements")]
    assert requirements
    for text in requirements:
        assert "index-url" not in text
        assert "--hash=sha256:" in text
        assert "://" not in text
