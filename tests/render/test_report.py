from dataclasses import replace

import pytest

from nurture.render.report.booklet import Imprint, ReportSource
from nurture.render.report.pdf import build_pdf

BODY = """Hello.

## 1. Why #me?

**Because $x$ <a> "so".**

Detail @you // end.

## When to see a doctor without waiting

- now

## Three steps, at your pace

1. One.

## How to book

Call.

## About this report

*Not advice.*

## Anything else

Yes."""

REPORT = ReportSource("sample", 'A "sample" #report', "It's $mall", "Summary.", BODY)
IMPRINT = Imprint(
    clinic="Clinic #1",
    phone="817-220-6677",
    clinician="Dr. A <b>",
    address="1 Example Street",
    primary="#0f4c5c",
    accent="#b5441c",
    paper="#f7f4ee",
    ink="#1f2d30",
)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return build_pdf(REPORT, IMPRINT, tmp_path_factory.mktemp("reports") / "new")


def test_the_report_is_a_tagged_titled_pdf_of_modest_size(built):
    content = built.read_bytes()
    assert content.startswith(b"%PDF-")
    assert all(mark in content for mark in (b"/StructTreeRoot", b"/Outlines", b"/Lang", b"/MarkInfo"))
    assert len(content) < 2_000_000


def test_the_same_report_is_not_built_twice(built):
    before = built.stat().st_mtime_ns
    assert build_pdf(REPORT, IMPRINT, built.parent) == built
    assert built.stat().st_mtime_ns == before
    assert list(built.parent.iterdir()) == [built]


def test_the_bytes_are_the_same_wherever_it_is_built(built, tmp_path):
    assert build_pdf(REPORT, IMPRINT, tmp_path).read_bytes() == built.read_bytes()


def test_a_change_of_words_or_of_look_makes_another_file(built, tmp_path):
    changed = [replace(REPORT, subtitle="New"), replace(REPORT, body=BODY + "\n\nMore.")]
    names = {build_pdf(report, IMPRINT, tmp_path).name for report in changed}
    names |= {build_pdf(REPORT, replace(IMPRINT, accent="#000000"), tmp_path).name, built.name}
    assert len(names) == 4


def test_a_folder_that_cannot_be_written_leaves_nothing_behind(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        build_pdf(REPORT, IMPRINT, tmp_path / "file")


def test_the_least_report_is_built(tmp_path):
    assert build_pdf(ReportSource("least", "T", "", "", ""), IMPRINT, tmp_path).is_file()


def test_a_template_of_ones_own_is_used(tmp_path):
    (tmp_path / "report.typ").write_text('#set document(title: "Own")\nOwn.')
    assert b"(Own)" in build_pdf(REPORT, IMPRINT, tmp_path / "out", tmp_path).read_bytes()


def test_no_clock_reaches_the_bytes(tmp_path):
    """Typst's own day is the first of 1970, in the pages as in what the file says of itself."""
    words = '#set document(title: "Own", date: auto)\n#assert(datetime.today(offset: 0).year() == 1970)\nOwn.'
    (tmp_path / "report.typ").write_text(words)
    assert b"/CreationDate(D:19700101000000Z)" in build_pdf(REPORT, IMPRINT, tmp_path / "out", tmp_path).read_bytes()


def test_the_shipped_look_gives_the_file_no_date(built):
    assert b"CreationDate" not in built.read_bytes()
