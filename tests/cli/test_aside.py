"""Refusals on a terminal."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from nurture.cli.aside import wrapped

WORDS = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20)


@given(st.lists(WORDS, min_size=1, max_size=40), st.integers(20, 100))
def test_lines_break_between_words_and_no_word_is_lost(words, width):
    lines = wrapped(" ".join(words), width).split("\n")
    assert " ".join(lines).split(" ") == words
    assert all(cell_len(line) <= width or " " not in line for line in lines)


def test_lines_of_its_own_stay_as_they_are_where_they_fit():
    said = "nurture: worker ended with code 1:\n  File a.py,  line 7\n    " + "long " * 20
    first, second, *rest = wrapped(said, 60).split("\n")
    assert (first, second) == tuple(said.split("\n")[:2])
    assert len(rest) == 2


@pytest.mark.parametrize(
    "whole",
    [
        "nurture lead edit 3 --email tom.the.second@example.com",
        "nurture lead add ann@example.com --report NAME",
        "nurture lead edit 2 --name 'Ann Miller'",
        "nurture visit reschedule 12 --at ...",
        "`nurture delivery list --state uncertain`",
        "https://clinic.example/report/abc-def-ghi",
        "wolfgang-amadeus@musik-verein.example",
    ],
)
@pytest.mark.parametrize("width", range(40, 80, 3))
def test_what_may_be_copied_stays_on_one_line(whole, width):
    said = f"nurture: Lead 3 (Tom) has this phone and no address; {whole}. Or see to it that another is given."
    lines = wrapped(said, width).split("\n")
    assert any(whole in line for line in lines)
    assert all(cell_len(line) <= width or whole in line for line in lines)
    assert wrapped(said, width).replace("\n", " ") == said


def test_a_terminal_of_eighty_columns_shows_whole_words_and_a_pipe_one_line(home, tmp_path):
    command = [sys.executable, "-m", "nurture", "lead", "show", "wolfgang.amadeus@musik.example"]
    env = {**os.environ, "NURTURE_HOME": str(home), "NURTURE_VAR": str(tmp_path / "var")}
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    subprocess.run(command, env=env, stdout=theirs, stderr=theirs, check=False)
    assert os.read(ours, 10_000).decode().splitlines() == [
        "nurture: There is no lead wolfgang.amadeus@musik.example. Add the lead first:",
        "nurture lead add wolfgang.amadeus@musik.example",
    ]
    piped = subprocess.run(command, env=env, capture_output=True, text=True, check=False).stderr
    assert piped.count("\n") == 1
