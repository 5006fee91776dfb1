"""Advice is given where a mail could be better, stops nothing, and stays away where the mail is as it should be."""

from dataclasses import replace

import pytest

from nurture.domain.segment import parse_segment
from nurture.lint.finding import Level
from nurture.lint.template_check import check_templates
from nurture.service.enqueue import Enqueued, enqueue
from tests.lint.conftest import HTML, MAIL, SUBJECT, TEXT, findings, only, opened

FIRST, WORDS = "<p>Dr. Moss keeps", "Dr. Moss keeps"
LONG = "one more word that nobody would miss in a line as long as this"
SHOP = "{{ links.site }}/articles"


def added(markup):
    return HTML, FIRST, f"{markup}\n{FIRST}"


GIVEN = [
    *(("shouting", SUBJECT, "Three", shout) for shout in ("FREE", "Wow!! Three", "Now! Three! And", "Ready?! Three")),
    ("outline", *added("<h2>Three</h2>\n<h4>Do something</h4>")),
    ("table-role", *added("<table><tr><td>One</td></tr></table>")),
    *(("click-here", *added(f'<a href="{SHOP}">{words}</a>')) for words in ("Click here", "here", "this link.")),
    ("click-here", *added(f'<a href="{SHOP}">For more, <b>click\nhere</b></a>')),
    ("click-here", TEXT, WORDS, f"Click here: {SHOP}\n{WORDS}"),
    ("long-line", TEXT, WORDS, f"{LONG} {LONG}\n{WORDS}"),
]
SPARED = [
    *((SUBJECT, "Three", calm) for calm in ("MOSS: three", "Your MRI: three", "Three!", "Ready? Three", "A B C D")),
    added("<h2>Three</h2>\n<h3>Do something</h3>\n<h2>Do something</h2>"),
    added("<table><tr><th>One</th><td>Two</td></tr></table>"),
    added('<table role="none"><tr><td>One</td></tr></table>'),
    added(f'<a href="{SHOP}">Here is where we are</a>'),
    (TEXT, WORDS, f"One click, here or there.\n{SHOP}\n{WORDS}"),
    (TEXT, WORDS, f"See {SHOP}?page={'a' * 80}\n{WORDS}"),
    (TEXT, WORDS, f"{LONG}{{% if lead.name %}}, {{{{ lead.name }}}}{{% endif %}}.\n{WORDS}"),
]


@pytest.mark.parametrize("change", GIVEN, ids=lambda change: f"{change[0]} {change[-1][:30]}")
def test_advice_is_given_at_its_place(installation, place, change):
    rule, name, old, new = change
    file = place(name, old, new)
    [line] = {number for number, line in enumerate(file.read_text().split("\n"), 1) if new.split("\n")[0] in line}
    found = [each for each in findings(installation, place) if each.level is Level.ADVICE]
    assert {(each.rule, each.file) for each in found} == {(rule, f"templates/{name}")}
    assert min(each.line for each in found) in {line, line + 1}


@pytest.mark.parametrize("change", SPARED, ids=lambda change: change[-1][:40])
def test_no_advice_is_given_where_all_is_well(installation, place, change):
    place(*change)
    assert [each for each in findings(installation, place) if each.level is Level.ADVICE] == []


def test_advice_keeps_no_campaign_from_starting(installation, place):
    place(SUBJECT, "Three", "THREE")
    fresh = only(opened(installation, place), MAIL, "lumbar-sciatica/report")
    runtime = replace(fresh, database=installation.runtime.database)
    campaign = runtime.catalogue.campaigns["lumbar-sciatica"]
    assert [(each.rule, each.mail) for each in check_templates(runtime.mail_kit, [campaign])] == [("shouting", MAIL)]
    assert enqueue(runtime, campaign.name, parse_segment("all")) == Enqueued(0, 0)


def test_faults_come_before_advice_and_what_mails_share_is_said_once(installation, place):
    place(SUBJECT, "Three", "THREE")
    place("emails/_parts/footer.html", 'class="foot-name"', 'class="foot-name" style="text-shadow: 1px 1px #000"')
    fault, advice = check_templates(only(opened(installation, place), MAIL, "lumbar-sciatica/report").mail_kit)
    assert (fault.rule, fault.level, fault.file) == ("support", Level.FAULT, "templates/emails/_parts/footer.html")
    assert fault.mails == 2
    assert (advice.rule, advice.mails) == ("shouting", 1)
