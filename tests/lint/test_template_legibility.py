"""Words too faint or too small are found by computing what each of them looks like, in every view of the mail."""

from dataclasses import replace

import pytest

from nurture.lint.finding import Level
from nurture.lint.page import read_page
from nurture.lint.rules.legibility import legibility
from tests.lint.conftest import HTML, findings

WORDS, STYLE = "Dr. Moss keeps", "emails/_base/style.html"
NIGHT, PHONE = "h2.safety-title { color: #f2a78b", ".letterhead-name { font-size: 18px"


def added(markup):
    return HTML, f"<p>{WORDS}", f"{markup}\n<p>{WORDS}"


def styled(style, words="Some <i>quiet</i> words"):
    return f'<p style="{style}">{words}</p>'


def hard_to_read(said):
    return [each for each in said if each.rule in {"faint", "small"} and each.level is Level.FAULT]


def rules_for(sample, markup):
    """What is said against the mail with that markup, as it would be after inlining."""
    html = sample.content.html.replace(WORDS, f"</p>{markup}<p>{WORDS}", 1)
    return {each.rule for each in hard_to_read(legibility(replace(sample, page=read_page(html))))}


FAINT = [
    *(
        styled(f"color: {color}")
        for color in ("#777", "gray", "silver", "hsl(0, 0%, 60%)", "#AAAAAA", "rgb(150 150 150)")
    ),
    styled("color: #fff; background: #888"),
    styled("background-color: #777"),
    styled("color: #888; font-size: 18px; font-weight: bold"),
    styled("color: #999; font-size: 30px"),
    styled("opacity: 0.5"),
    '<p><font color="#bbbbbb">Quiet</font></p>',
    '<table bgcolor="#0f4c5c"><tr><td>Quiet</td></tr></table>',
]
SMALL = [
    *(styled(f"font-size: {size}") for size in ("11px", "8pt", "0.6em", "60%", "x-small")),
    styled("font: italic 11px/15px Arial"),
    '<p style="font-size: 14px">Some <small>small</small> words</p>',
]
FINE = [
    *(styled(f"color: {color}") for color in ("#767676", "rgb(90, 90, 90)", "inherit", "navy", "rgba(0, 0, 0, 0.7)")),
    styled("color: #888; font-size: 25px"),
    styled("color: #888; font-size: 19px; font-weight: bold"),
    styled("color: #ffffff; background: #3d3d3d"),
    styled("display: none; color: #fff; font-size: 1px"),
    styled("color: #777; font-size: 9px", "&nbsp;\u00b7"),
    styled("font-size: 12px"),
    styled("font-size: 0.75em"),
    styled("color: #fff; background: url(http://127.0.0.1:8000/images/a.png)"),
]


@pytest.mark.parametrize(
    ("rule", "markup"), [*(("faint", each) for each in FAINT), *(("small", each) for each in SMALL)]
)
def test_what_is_hard_to_read_is_found(sample, rule, markup):
    assert rules_for(sample, markup) == {rule}


@pytest.mark.parametrize("markup", FINE)
def test_what_reads_well_or_is_no_word_or_stands_on_a_picture_is_let_be(sample, markup):
    assert rules_for(sample, markup) == set()


PLACED = [
    ("faint", *added(styled("color: #777"))),
    ("faint", *added('<p><font color="#bbbbbb">Quiet</font></p>')),
    ("faint", *added(styled("background-color: #777"))),
    ("faint", STYLE, "line-height: 22px; color: #56656a; word", "line-height: 22px; color: #8a9a9f; word"),
    ("faint", STYLE, "bold; color: #ffffff; text-d", "bold; color: {{ brand.primary }}; text-d"),
    ("small", *added(styled("font-size: 11px"))),
    ("small", STYLE, PHONE, ".answer-cell { font-size: 11px"),
]


@pytest.mark.parametrize("change", PLACED, ids=lambda change: f"{change[0]} {change[-1][:50]}")
def test_it_is_one_finding_at_its_style(installation, place, change):
    rule, name, old, new = change
    file = place(name, old, new)
    [found] = hard_to_read(findings(installation, place))
    assert (found.rule, found.file) == (rule, f"templates/{name}")
    assert new.split("\n")[0] in file.read_text().split("\n")[found.line - 1]


def test_words_lost_in_the_dark_are_advice(installation, place):
    file = place(STYLE, NIGHT, "h2.safety-title { color: #5d6d71")
    [found] = [each for each in findings(installation, place) if each.rule == "faint"]
    assert (found.level, "prefers-color-scheme: dark" in found.detail) == (Level.ADVICE, True)
    assert "#5d6d71" in file.read_text().split("\n")[found.line - 1]
