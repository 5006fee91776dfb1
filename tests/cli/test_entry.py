"""Where every command ends that cannot go on."""

import errno
import socket
import urllib.error

import click
import pytest
from click.testing import CliRunner

from nurture.cli.answer import UnsaidError
from nurture.cli.entry import Entry
from nurture.domain.errors import ConfigError, MachineError, StoreError

ENDS = [
    (ConfigError("That is no port."), 1, "That is no port."),
    (MachineError("The port is taken."), 3, "The port is taken."),
    (StoreError("It does not answer."), 3, "It does not answer."),
    (PermissionError(errno.EACCES, "Permission denied", "/srv/var"), 3, "/srv/var cannot be used (Permission denied)"),
    (OSError(errno.ENOSPC, "No space left on device"), 3, "Make room on the disk"),
    (OSError(errno.EIO, "Input/output error", b"/srv/var"), 3, "/srv/var cannot be used (Input/output error)"),
    (socket.gaierror(-2, "Name or service not known"), 3, "Name or service not known"),
    (urllib.error.URLError("no route"), 3, "no route"),
    (UnsaidError(errno.ENOSPC, "No space left on device"), 3, "is changed; make room"),
    ("ä".encode("latin-1"), 3, "Write it in UTF-8."),
    (OverflowError("date value out of range"), 3, "Give a smaller one."),
    (MemoryError(), 3, "no memory left"),
]
raised: list[Exception | bytes] = []


@click.command()
def stumble() -> None:
    """Ends as the test wants it."""
    match raised.pop():
        case bytes() as text:
            text.decode()
        case Exception() as error:
            raise error


def run(error):
    raised.append(error)
    return CliRunner().invoke(Entry(package="tests.cli", places={"stumble": ("test_entry:stumble", "")}), ["stumble"])


@pytest.mark.parametrize(("error", "code", "words"), ENDS, ids=lambda each: repr(each)[:40])
def test_what_was_foreseen_or_is_the_machines_doing_ends_in_a_sentence(error, code, words):
    result = run(error)
    assert result.exit_code == code
    assert result.stderr.startswith("nurture: ")
    assert words in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stderr.rstrip()[-1] == "."


def test_what_nobody_foresaw_keeps_its_traceback():
    assert isinstance(run(KeyError("odd")).exception, KeyError)
