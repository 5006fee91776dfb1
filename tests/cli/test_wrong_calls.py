"""Hundreds of wrong calls: each ends in one sentence and the right exit code, and nothing is changed.

Exit code 1: what was asked for is refused. 2: it is not how the command is called. 3: the machine is in the way.
"""

import logging
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from nurture.cli import nurture

ANN, BEN = "ann@example.com", "ben@example.com"
HUGE = ("9223372036854775808", "18446744073709551616", "9" * 40, "9" * 5000)
NO_NUMBERS = ("", " ", "one", "1.5", "0x1", "1e3", "nan", "inf", "½", "-1", "-")
NO_IDS = (*HUGE, *NO_NUMBERS, "0")
NO_ADDRESSES = (
    "",
    " ",
    "ann",
    "@example.com",
    "ann@",
    "ann@example",
    "a b@example.com",
    "ann@exa mple.com",
    "ann@-x.com",
)
NO_ADDRESSES += ("=?utf-8?q?a?=@example.com", f"{'a' * 65}@example.com", f"ann@{'b' * 64}.com", f"ann@{'b.' * 200}com")
NO_ADDRESSES += ("ann@example.com\nBcc: x@y.com", "ann@127.0.0.1", "ann@example..com", "\udcff@example.com", "x" * 9000)
NO_NAMES = (
    "a\nb",
    "=?utf-8?q?x?=",
    "www.evil.example",
    "http://evil.example",
    "a@b.com",
    "x" * 101,
    "a\x00b",
    "a\u202eb",
)
NO_WORDS = ("x" * 65, "a\nb", "a\x1bb", "=?utf-8?q?x?=")
NO_ZONES = (
    "CST",
    "Mars/Base",
    "america/chicago",
    "../../etc/passwd",
    "/etc/localtime",
    "America/",
    "x" * 5000,
    "a\x00/b",
)
NO_TIMES = ("", " ", "soon", "2030-13-01 10:00", "2030-02-30 10:00", "25:00", "2030-12-02")
NO_TIMES += (
    "9999-12-31 23:59",
    "9999-12-31T23:59:59-12:00",
    "0001-01-01 00:00",
    "0001-01-01T00:00+14:00",
    "99999-01-01",
)
NO_TIMES += ("2027-03-14 02:30", "10000000000", "nan", "2030-12-02 10:00" * 50, "\udcff")
NO_PORTS = (*HUGE[:3], "-1", "65536", "http", "80.5", "", "nan")
NO_COUNTS = (*HUGE[:3], "0", "-1", "many", "1.5", "", "nan", "inf")
NO_SPANS = ("0", "-1", "nan", "inf", "-inf", "1e999", "1e300", "never", "")


def _calls() -> Iterator[tuple[int | tuple[int, ...], tuple[str, ...]]]:
    """(exit code, or those that are right, and the words of the call)"""
    refused, usage, either = 1, 2, (1, 2)
    for verb in ("show", "retry"):
        yield from ((usage, ("delivery", verb, each)) for each in NO_IDS)
    yield from ((usage, ("delivery", "settle", each, "sent")) for each in NO_IDS)
    yield from ((refused, ("delivery", *words)) for words in (("show", "7"), ("retry", "7"), ("settle", "7", "sent")))
    for verb in ("confirm", "cancel", "attended", "no-show"):
        yield from ((either, ("visit", verb, each)) for each in (*NO_IDS, *NO_ADDRESSES[:6], "7", ANN, BEN))
    for verb in ("show", "unsubscribe", "replied", "resend"):
        yield from ((refused, ("lead", verb, each)) for each in (*NO_ADDRESSES, "eve@example.com", *HUGE))
    yield from ((refused, ("lead", "add", each)) for each in NO_ADDRESSES)
    yield from ((refused, ("lead", "edit", ANN, "--email", each)) for each in NO_ADDRESSES)
    yield from ((refused, ("lead", "edit", each, "--name", "Eve")) for each in (*NO_ADDRESSES, *HUGE))
    for option, wrong in {"--name": NO_NAMES, "--zone": NO_ZONES, "--source": NO_WORDS, "--topic": NO_WORDS}.items():
        yield from ((refused, ("lead", "edit", ANN, option, each)) for each in wrong)
    yield from (
        (refused, ("lead", "add", "eve@example.com", "--report", each)) for each in ("none", "../x", "\udcff", "a\x00")
    )
    yield from ((refused, ("visit", "book", ANN, "--at", each)) for each in (*NO_TIMES, "2020-01-01 10:00"))
    simulate = ("campaign", "simulate", "lumbar-sciatica")
    yield from ((refused, (*simulate, "--start", each)) for each in NO_TIMES[1:])
    yield from (
        (refused, ("visit", "list", "--day", each)) for each in ("", "soon", "25:00", "nan", "9999-12-31", "0001-01-01")
    )
    yield from ((refused, (*simulate, "--zone", each)) for each in NO_ZONES)
    for option in ("--books", "--visit-in", "--unsubscribes"):
        yield from ((usage, (*simulate, option, each)) for each in (*HUGE, "-1", "x", "nan"))
    for name in ("none", "", "../lumbar-sciatica", "Lumbar-Sciatica", "\udcff", "x" * 5000):
        yield refused, ("campaign", "show", name)
        yield refused, ("campaign", "simulate", name)
        yield refused, ("campaign", "enqueue", name, "--segment", "all")
        yield refused, ("template", "send", name, "--to", "me@clinic.example")
    yield from ((refused, ("template", "send", "lumbar-sciatica/report", "--to", each)) for each in NO_ADDRESSES[:8])
    for segment in ("everyone", "", "topic:", "source:", "Topic:x", "all ", "\udcff", "tag:x"):
        yield refused, ("campaign", "enqueue", "lumbar-sciatica", "--segment", segment)
    for command in (("up",), ("web",), ("demo",), ("inbox", "x"), ("template", "preview")):
        yield from ((usage, (*command, "--port", each)) for each in NO_PORTS)
    yield from ((usage, ("demo", "--days", each)) for each in (*NO_COUNTS, "366"))
    yield from ((usage, ("worker", "--concurrency", each)) for each in NO_COUNTS)
    yield from ((usage, ("delivery", "list", "--limit", each)) for each in NO_COUNTS)
    yield from ((usage, ("beat", "--every", each)) for each in NO_SPANS)
    yield from ((usage, ("delivery", "list", "--state", each)) for each in ("", "lost", "SENT ", "\udcff"))
    yield from ((usage, each) for each in (("laed",), ("lead",), ("lead", "ad"), ("lead", "list", "--jsno")))
    yield from ((usage, each) for each in (("init",), ("init", __file__), ("--loud",), ("visit", "book", ANN)))
    yield refused, ("init", str(Path(__file__).parents[2]))


CALLS = list(_calls())


@pytest.fixture(scope="module")
def desk(home, tmp_path_factory):
    """Runs a call in an installation with one lead and no visit, which no wrong call may change."""
    var = tmp_path_factory.mktemp("desk") / "var"
    runner = CliRunner(env={"NURTURE_HOME": str(home), "NURTURE_VAR": str(var)})
    logging.getLogger("nurture").setLevel(logging.CRITICAL)
    assert runner.invoke(nurture, ("lead", "add", ANN, "--report", "lumbar-sciatica")).exit_code == 0
    runner.before = everything(var)
    runner.var = var
    yield runner
    logging.getLogger("nurture").setLevel(logging.NOTSET)


def everything(var: Path) -> tuple[list[str], list[str]]:
    """All that the ledger holds, and the files beside it."""
    with sqlite3.connect(var / "nurture.db") as ledger:
        rows = list(ledger.iterdump())
    ledger.close()
    return rows, sorted(str(file) for file in var.rglob("*") if "nurture.db-" not in file.name)


def assert_one_sentence(result) -> None:
    """What is wrong stands on the last line; before it only how the command is called, or what should be thought of."""
    assert isinstance(result.exception, SystemExit), repr(result.exception)
    *before, sentence = result.stderr.splitlines()
    if result.exit_code != 2:
        assert sentence.startswith("nurture: ")
        assert all(line.startswith("Careful: ") for line in before)
    assert len(sentence) > 20
    assert "Traceback" not in result.stderr


def shown(call) -> str:
    return " ".join(word if word.isprintable() else ascii(word) for word in call[1])[:70]


@pytest.mark.parametrize("call", CALLS, ids=shown)
def test_a_wrong_call_is_one_sentence_and_changes_nothing(desk, call):
    right, words = call
    result = desk.invoke(nurture, words)
    assert result.exit_code in (right if isinstance(right, tuple) else (right,)), result.stderr
    assert result.stdout == ""
    assert_one_sentence(result)
    assert everything(desk.var) == desk.before


def test_they_are_at_least_three_hundred():
    assert len(set(CALLS)) >= 300
