"""All rules of mails in one table: what breaks each, what comes near and does not, and the list in the reference."""

import ast
import re

import pytest

from nurture.lint.finding import Level
from tests.conftest import ROOT
from tests.lint.conftest import HTML, SUBJECT, TEXT, findings
from tests.reference.lint_rules import lint_rules

FIRST, WORDS, CONTENT = "<p>Dr. Moss keeps", "Dr. Moss keeps", "{% block content %}"
FRAME, FOOT = "emails/_base/mail.html", "emails/_parts/footer.html"
IMAGE, SITE, OFFER = '<img src="{}" alt="{}" width="{}">', "{{ links.site }}", "{{ links.visit_offer }}"
TITLE, DOCTYPE = "Three short rules worth keeping", "<!DOCTYPE html>"
SIXTY = "Three rules worth keeping, as short as a subject may ever be"
LONG = "{% for _ in range(700) %}<p>" + "word " * 20 + "</p>{% endfor %}"


def added(markup):
    return HTML, FIRST, f"{markup}\n{FIRST}"


def styled(style):
    return added(f'<p style="{style}">Words</p>')


def told(words):
    return TEXT, WORDS, f"{words}\n\n{WORDS}"


# By rule: a change that breaks it, and one that nearly does.
CASES = {
    "address": ((FOOT, "{{ clinic.address }}", ""), (FOOT, "{{ clinic.address }}", "{{ clinic.address | trim }}")),
    "consistency": (added("<p>Come at 3 PM.</p>"), added("<p>Come soon.</p>")),
    "alt": (added(IMAGE.format(SITE + "/images/a.png", "", 60)), added("<p>alt</p>")),
    "block": ((HTML, CONTENT, "{% block contents %}"), (HTML, CONTENT, f"{{% set contents = 1 %}}{CONTENT}")),
    "click-here": (
        added(f'<a href="{OFFER}">Click here</a>'),
        added(f'<a href="{OFFER}">Here we are</a>'),
    ),
    "doctype": (
        (FRAME, DOCTYPE, f"<!-- -->{DOCTYPE}"),
        (FRAME, DOCTYPE, f"{DOCTYPE}<!-- -->"),
    ),
    "empty": ((HTML, "{% extends", "{% extends"), added("")),
    "faint": (styled("color: #777"), styled("color: #767676; background-color: #ffffff")),
    "heading": (added("<h1>Three</h1>"), added("<h2>Three</h2>")),
    "link": (added(f'<a href="{SITE}/nowhere">Ours</a>'), added(f'<a href="{OFFER}">Ours</a>')),
    "long-line": (told("word " * 16), told("word " * 15)),
    "name": (added("{% if false %}{{ shoes }}{% endif %}"), added("{{ shoes | default('') }}")),
    "outline": (added("<h3>Three</h3>"), added("<h2>Three</h2>\n<h3>Three</h3>")),
    "phone": (told("Call 817-220-6678."), told("Call 817.220.6677.")),
    "picture": (added(IMAGE.format(SITE + "/images/a.png", "A", 1)), added("<p>picture</p>")),
    "preheader": ((HTML, "Short enough for an index card.", ""), (HTML, "Short enough for an index card.", "Short.")),
    "privacy": ((SUBJECT, "Three", "Knees:"), (SUBJECT, "Three", "Kneeling:")),
    "promise": (told("It is a cure."), told("It is no cure.")),
    "renders": (added("{{ 1 / 0 }}"), added("{{ 1 / 1 }}")),
    "script": (added("<script>1</script>"), added("<p>&lt;script&gt;</p>")),
    "shape": (added("<p>{{ lead.name | safe }}</p>"), added("<p>{{ lead.name }}</p>")),
    "shouting": ((SUBJECT, "Three", "THREE"), (SUBJECT, "Three", "MOSS: three")),
    "size": (
        added(LONG),
        added("<!-- " + "x" * 70_000 + " -->"),
    ),
    "small": (styled("font-size: 11px"), styled("font-size: 12px")),
    "subject": (
        (SUBJECT, TITLE, SIXTY + "!"),
        (SUBJECT, TITLE, SIXTY),
    ),
    "support": (styled("text-shadow: 1px 1px #000"), styled("border-radius: 4px")),
    "table-role": (added("<table><tr><td>A</td></tr></table>"), added("<table><tr><th>A</th></tr></table>")),
    "tag": (added("<p>Words"), added("<p>Words<br></p>")),
    "text": (added("<h2>Quite another matter</h2>"), added("<h2>Do something about it</h2>")),
    "unsubscribe": ((FOOT, ">Unsubscribe<", "><"), (FOOT, ">Unsubscribe<", ">Stop<")),
}
# Broken in tests of their own: they need a file that is missing, and a report.
ELSEWHERE = {"files", "report"}


@pytest.mark.parametrize("rule", CASES)
def test_each_rule_finds_what_breaks_it_and_lets_a_near_miss_be(installation, place, rule):
    broken, near = CASES[rule]
    if rule == "empty":
        text = place(HTML).read_text()
        broken = (HTML, text.partition(CONTENT)[2].rpartition("{% endblock %}")[0], "")
    place(*near)
    assert findings(installation, place) == []
    place(near[0], near[2], near[1])
    place(*broken)
    assert rule in {each.rule for each in findings(installation, place)}


def rules_in_code():
    """Every rule that some module names in a violation or a finding."""
    places = {"Violation": 0, "_advice": 0, "_found": 0, "Finding": 2}
    for path in [*(ROOT / "nurture/lint").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in places:
                said = node.args[places[ast.unparse(node.func)] :][:1]
                yield from (each.value for each in said if isinstance(each, ast.Constant))


def test_every_rule_is_in_the_table_and_in_the_reference_with_its_level():
    rules = set(rules_in_code())
    assert rules == CASES.keys() | ELSEWHERE
    rows = re.findall(r"^\| (`[a-z`, -]+`) \| (fault|advice) \|", lint_rules(), re.MULTILINE)
    levels = {rule: level for names, level in rows for rule in re.findall(r"[a-z-]+", names)}
    advice = {"click-here", "long-line", "outline", "shouting", "table-role"}
    assert levels == {rule: Level.ADVICE if rule in advice else Level.FAULT for rule in rules}
