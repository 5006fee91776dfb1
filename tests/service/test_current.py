"""A process that lives for years follows its files, and goes on with what it had while they cannot be read."""

import shutil
from dataclasses import replace

import pytest

from nurture.config.settings import load_settings
from nurture.config.sources_digest import FOLDERS
from nurture.domain.errors import StoreError
from nurture.runtime import build_runtime
from nurture.service import current
from nurture.service.current import Current


@pytest.fixture
def files(home, tmp_path, monkeypatch):
    """A home of its own, looked at on every call."""
    monkeypatch.setattr(current, "LOOK_SECONDS", 0)
    for name in FOLDERS:
        shutil.copytree(home / name, tmp_path / name)
    return tmp_path


def build(home):
    return build_runtime(load_settings({"NURTURE_HOME": str(home), "NURTURE_SECRET_KEY": "test"}))


def test_nothing_is_built_anew_while_nothing_changes(files):
    runtime = Current(lambda: build(files))
    first = runtime()
    (files / "config" / "nurture.toml").touch()
    assert runtime() is first


CHANGES = [
    ("config/nurture.toml", "817-220-6677", lambda now: now.settings.clinic.phone),
    ("templates/articles/sleep.md", 'title = "', lambda now: now.catalogue.articles["sleep"].title),
    (
        "config/campaigns/visit-cancelled.toml",
        'stale_after = "',
        lambda now: now.catalogue.campaigns["visit-cancelled"],
    ),
    ("templates/emails/_base/mail.txt", "{", lambda now: now.sources),
]


@pytest.mark.parametrize(("file", "part", "shown"), CHANGES)
def test_a_changed_file_is_read_and_only_then(files, file, part, shown):
    runtime = Current(lambda: build(files))
    first, text = runtime(), (files / file).read_text()
    assert part in text
    new = {"817-220-6677": "817-220-6688", "{": "{# new #}{"}.get(part, f"{part}1")
    (files / file).write_text(text.replace(part, new, 1))
    second = runtime()
    assert shown(second) != shown(first)
    assert runtime() is second


def test_a_file_that_cannot_be_read_is_said_once_and_the_old_ones_hold_until_it_is_mended(files, caplog):
    runtime = Current(lambda: build(files))
    first, file = runtime(), files / "config" / "nurture.toml"
    good = file.read_text()
    file.write_text("[clinic")
    assert [runtime(), runtime()] == [first, first]
    assert len(caplog.records) == 1
    assert "nurture.toml" in caplog.text
    file.write_text(good + "\n# mended\n")
    assert runtime() is not first


def test_a_ledger_that_is_away_is_no_fault_of_the_files(files, caplog):
    away = []

    def built():
        if away:
            raise StoreError("The database does not answer.")
        return build(files)

    runtime = Current(built)
    first = runtime()
    (files / "templates" / "new.txt").write_text("new")
    away.append(1)
    assert runtime() is first
    away.clear()
    assert runtime() is not first
    assert caplog.records == []


def test_the_files_are_looked_at_once_a_second(files, monkeypatch):
    monkeypatch.setattr(current, "LOOK_SECONDS", 60)
    runtime = Current(lambda: build(files))
    first = runtime()
    (files / "templates" / "new.txt").write_text("new")
    assert runtime() is first


def test_two_machines_with_the_same_files_agree(files, home, tmp_path):
    assert build(files).sources == build(home).sources
    (files / "config" / "more").mkdir()
    assert replace(build(files)).sources == build(home).sources
