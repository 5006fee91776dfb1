"""What is written to last is on the disk, whole, before anybody relies on it."""

import errno
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nurture.whole_file import write_once, write_whole

WRITERS = pytest.mark.parametrize("write", [write_whole, write_once])


@pytest.fixture
def calls(monkeypatch):
    """What the machine is asked to do, in order."""
    asked = []

    def sync(number):
        status = os.fstat(number)
        asked.append("sync folder" if stat.S_ISDIR(status.st_mode) else f"sync {status.st_size} bytes")

    monkeypatch.setattr(os, "fsync", sync)
    for name, act in [("replace", os.replace), ("link", os.link)]:
        monkeypatch.setattr(os, name, lambda *paths, name=name, act=act: asked.append(name) or act(*paths))
    return asked


@pytest.mark.parametrize(("write", "put"), [(write_whole, "replace"), (write_once, "link")])
def test_the_text_is_on_the_disk_before_it_has_its_name_and_the_name_before_it_returns(tmp_path, calls, write, put):
    write(tmp_path / "new" / "key", "word")
    assert calls == ["sync 4 bytes", put, "sync folder"]
    assert (tmp_path / "new" / "key").read_text() == "word"


@WRITERS
def test_it_is_its_owners_alone(tmp_path, write):
    write(tmp_path / "key", "word")
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600


@WRITERS
def test_a_full_disk_leaves_the_old_text_and_nothing_beside_it(tmp_path, monkeypatch, write):
    (tmp_path / "key").write_text("old")

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write(tmp_path / "key", "new")
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("key", "old")]


def test_of_many_who_write_once_all_find_the_first_ones_text(tmp_path):
    file = tmp_path / "key"

    def write(number):
        write_once(file, f"{number:04d}")
        return file.read_text()

    with ThreadPoolExecutor(8) as writers:
        assert len(set(writers.map(write, range(200)))) == 1
    assert [each.name for each in tmp_path.iterdir()] == ["key"]


def test_nothing_that_must_last_is_written_past_it():
    """Whatever else replaces a file by another can be made anew."""
    made_anew = {"nurture/render/report/pdf.py"}
    root = Path(__file__).parents[1]
    found = {
        str(file.relative_to(root))
        for file in (root / "nurture").rglob("*.py")
        if file.name != "whole_file.py" and ("NamedTemporaryFile" in (text := file.read_text()) or "O_EXCL" in text)
    }
    assert found <= made_anew
