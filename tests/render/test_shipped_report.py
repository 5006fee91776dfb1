"""The report as readers get it: what is in it, and what a reader's program needs of the file."""

import re
import time
from dataclasses import replace

import pytest

from nurture.mail.report import build_report
from nurture.render.markdown import opening_bold, sections


@pytest.fixture(scope="module")
def report(runtime):
    return runtime.catalogue.reports["lumbar-sciatica"]


@pytest.fixture(scope="module")
def built(runtime, report, tmp_path_factory):
    """The file's bytes and how long it took to make, the best of three times (seconds)."""
    seconds = []
    for _ in range(3):
        fresh = replace(runtime, settings=replace(runtime.settings, var=tmp_path_factory.mktemp("var")))
        began = time.perf_counter()
        content = build_report(fresh.mail_kit, report).read_bytes()
        seconds.append(time.perf_counter() - began)
    return content, min(seconds)


def test_ten_questions_each_open_with_a_short_answer(report):
    questions = [each for each in sections(report.body) if re.match(r"\d+\. ", each.heading)]
    assert [each.heading.partition(".")[0] for each in questions] == [str(n) for n in range(1, 11)]
    for question in questions:
        assert question.heading.endswith("?")
        answer, detail = opening_bold(question.body)
        assert 20 <= len(answer.split()) <= 60, question.heading
        assert len(detail.split()) > 100, question.heading


def test_the_red_flags_the_three_steps_and_the_way_to_book_follow(report):
    last = [each.heading for each in sections(report.body)][-4:]
    assert [re.sub(r"\W.*", "", heading) for heading in last] == ["When", "Three", "How", "About"]
    body = report.body.partition("## When to see")[2]
    assert all(sign in body for sign in ("911", "bladder", "between the legs", "weaker", "fever", "weight", "cancer"))


def test_a_reading_program_finds_its_way(built, report):
    content, _ = built
    # A bookmark for each section, the one before the first heading included, and the contents.
    [count] = re.findall(rb"/Type/Outlines.*?/Count (\d+)", content)
    assert int(count) == len(sections(report.body))
    assert all(mark in content for mark in (b"/StructTreeRoot", b"/MarkInfo<</Marked true", b"/Lang(en"))


def test_every_font_travels_along(built):
    content, _ = built
    descriptors = re.findall(rb"/Type/FontDescriptor\b.*?>>", content, re.DOTALL)
    assert descriptors
    assert all(re.search(rb"/FontFile[23]? \d+ 0 R", each) for each in descriptors)


def test_it_is_small_and_soon_made(built):
    content, seconds = built
    assert len(content) < 2_000_000
    assert seconds < 1
