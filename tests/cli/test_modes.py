"""What an installation writes is its owner's alone, and what is meant for others is not touched."""

import json
import os
import stat
import subprocess
import sys

import pytest

from nurture.own_folder import close_to_others, open_to_others


@pytest.fixture(autouse=True)
def _ordinary_umask():
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path):
    return stat.S_IMODE(path.lstat().st_mode)


def open_ones(folder):
    """Whatever others could read or list, reports aside, if they came so far."""
    return [each for each in (folder, *folder.rglob("*")) if mode(each) & 0o077 and each.suffix != ".pdf"]


def opened(var):
    """The folder as an earlier version, or a careless copy, leaves it."""
    for path in (var, *var.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    (var / "log").mkdir(mode=0o755, exist_ok=True)
    (var / "log" / "web.log").touch(mode=0o644)


@pytest.fixture
def var(run, tmp_path):
    run("lead", "add", "ann@example.com")
    return tmp_path / "var"


def test_what_a_command_writes_nobody_else_reads(var):
    assert {"nurture.db", "secret-key"} <= {each.name for each in var.iterdir()}
    assert open_ones(var) == []
    assert os.umask(0o022) == 0o022


def test_the_check_names_what_is_open_and_the_next_start_closes_it(run, var):
    opened(var)
    answers = {each["part"]: each for each in json.loads(run("check", "--json", code=1).stdout)}
    assert not answers["files"]["good"]
    assert f"{var} and " in answers["files"]["words"]
    assert open_ones(var)
    run("lead", "list")
    assert open_ones(var) == []
    answers = {each["part"]: each for each in json.loads(run("check", "--json", code=1).stdout)}
    assert answers["files"]["good"]


def test_in_a_folder_that_holds_more_only_what_is_ours_is_closed(var, tmp_path):
    (tmp_path / "elsewhere").touch(mode=0o644)
    (var / "photos").mkdir(mode=0o755)
    (var / "inbox").symlink_to(tmp_path / "elsewhere")
    var.chmod(0o755)
    (var / "nurture.db").chmod(0o644)
    assert open_to_others(var) == [var / "nurture.db"]
    close_to_others(var)
    assert open_to_others(var) == []
    assert {mode(each) for each in (var, var / "photos")} == {0o755}
    assert mode(tmp_path / "elsewhere") == 0o644


def test_a_report_and_a_home_have_the_modes_that_their_maker_gives_them(run, tmp_path):
    file = tmp_path / "var" / "reports"
    built = json.loads(run("report", "build", "--json").stdout)[0]["file"]
    assert (mode(file), mode(file / built)) == (0o755, 0o644)
    assert mode(tmp_path / "var") == 0o700
    for umask, folder, file in ((0o022, 0o755, 0o644), (0o077, 0o700, 0o600)):
        os.umask(umask)
        run("init", str(tmp_path / f"{umask}"))
        config = tmp_path / f"{umask}" / "config"
        assert (mode(config), mode(config / "nurture.toml")) == (folder, file)


def test_no_process_of_an_installation_leaves_anything_open(home, tmp_path):
    var = tmp_path / "var"
    environment = os.environ | {"NURTURE_HOME": str(home), "NURTURE_VAR": str(var)}
    command = [sys.executable, "-m", "nurture", "demo", "--days", "2", "--exit", "--json"]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert {"nurture.db", "secret-key", "log", "inbox", "broker"} <= {each.name for each in (var / "demo").iterdir()}
    assert list((var / "demo" / "inbox" / "new").iterdir())
    assert open_ones(var) == []
    # Everything that is written there has a name that would be corrected, too.
    for folder in (var, var / "demo"):
        folder.chmod(0o755)
        assert open_to_others(folder) == [folder]
