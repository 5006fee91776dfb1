"""Words too faint or too small are found by computing what each of them looks like, in every view of the mail."""

import pytest

from nurture.render.check.finding import Level
from tests.service.conftest import HTML, findings

FIRST, STYLE = "<p>Dr. Moss keeps", "emails/_base/style.html"
NIGHT, PHONE = "h2.safety-title { color: #f2a78b", ".letterhead-name { font-size: 18px"


def styled(style, words="Some <i>quiet</i> words"):
    return HTML, FIRST, f'<p style="{style}">{words}</p>\n{FIRST}'


def hard_to_read(house, place):
    found = (each for each in findings(house, place) if each.rule in {"faint", "small"})
    return [each for each in found if each.level is Level.FAULT]


FOUND = [
    *(("faint", *styled(f"color: {color}")) for color in ("#777", "gray", "silver", "hsl(0, 0%, 60%)", "#AAAAAA")),
    ("faint", *styled("color: #fff; background: #888")),
    ("faint", *styled("background-color: #777")),
    ("faint", *styled("color: #888; font-size: 18px; font-weight: bold")),
    ("faint", *styled("color: #999; font-size: 30px")),
    ("faint", HTML, FIRST, f'<p><font color="#bbbbbb">Quiet</font></p>\n{FIRST}'),
    (
        "faint",
        STYLE,
        "font-size: 14px; line-height: 22px; color: #56656a; word",
        "font-size: 14px; color: #8a9a9f; word",
    ),
    (
        "faint",
        STYLE,
        "font-weight: bold; color: #ffffff; text-d",
        "font-weight: bold; color: {{ brand.primary }}; text-d",
    ),
    *(("small", *styled(f"font-size: {size}")) for size in ("11px", "8pt", "0.6em", "60%", "x-small")),
    ("small", *styled("font: italic 11px/15px Arial")),
    ("small", HTML, FIRST, f'<p style="font-size: 14px">Some <small>small</small> words</p>\n{FIRST}'),
    ("small", STYLE, PHONE, ".answer-cell { font-size: 11px"),
]
SPARED = [
    *(styled(f"color: {color}") for color in ("#767676", "rgb(90, 90, 90)", "inherit", "navy")),
    styled("color: #888; font-size: 25px"),
    styled("color: #888; font-size: 19px; font-weight: bold"),
    styled("color: #ffffff; background: #3d3d3d"),
    styled("display: none; color: #fff; font-size: 1px"),
    styled("color: #777; font-size: 9px", "&nbsp;\u00b7"),
    styled("font-size: 12px"),
    styled("font-size: 0.75em"),
    (STYLE, NIGHT, "h2.safety-title { color: #9db0b5"),
    (STYLE, PHONE, ".answer-cell { font-size: 13px"),
]


@pytest.mark.parametrize("change", FOUND, ids=lambda change: f"{change[0]} {change[-1][:50]}")
def test_what_is_hard_to_read_is_one_finding_at_its_style(house, place, change):
    rule, name, old, new = change
    file = place(name, old, new)
    [found] = hard_to_read(house, place)
    assert (found.rule, found.file) == (rule, f"templates/{name}")
    assert new.split("\n")[0] in file.read_text().split("\n")[found.line - 1]


@pytest.mark.parametrize("change", SPARED, ids=lambda change: change[-1][:50])
def test_what_reads_well_or_is_no_word_is_let_be(house, place, change):
    place(*change)
    assert hard_to_read(house, place) == []


def test_words_lost_in_the_dark_are_advice(house, place):
    file = place(STYLE, NIGHT, "h2.safety-title { color: #5d6d71")
    [found] = [each for each in findings(house, place) if each.rule == "faint"]
    assert (found.level, "prefers-color-scheme: dark" in found.detail) == (Level.ADVICE, True)
    assert "#5d6d71" in file.read_text().split("\n")[found.line - 1]


def test_words_over_a_picture_are_left_to_the_eye(house, place):
    place(*styled("color: #fff; background: url({{ links.site }}/images/a.png)"))
    assert hard_to_read(house, place) == []
