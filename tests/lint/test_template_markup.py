"""Blocks nobody sees, bodies that say nothing, tags that do not close: found once, at their place, and nowhere else."""

import pytest

from nurture.lint.template_check import check_templates
from tests.lint.conftest import HTML, MAIL, TEXT, findings, only, opened

FIRST = "<p>Dr. Moss keeps"
CONTENT, FRAME = "{% block content %}", "emails/_base/mail.html"


def added(markup):
    return HTML, FIRST, f"{markup}\n{FIRST}"


FOUND = [
    ("block", HTML, CONTENT, "{% block contents %}", "did you mean content?"),
    ("block", TEXT, CONTENT, "{% block contents %}", "did you mean content?"),
    ("block", HTML, "{% block preheader %}", "{% block preheder %}", "did you mean preheader?"),
    ("block", HTML, "{% block heading %}", "{% block zebra %}", "there are content, eyebrow, greeting"),
    ("block", HTML, CONTENT, f"<p>Words.</p>\n{CONTENT}", "outside every block"),
    ("block", TEXT, CONTENT, f"\n\n{{{{ lead.name }}}}\n{CONTENT}", "outside every block"),
    ("block", HTML, CONTENT, f'{{% include "emails/_parts/gap.html" %}}\n{CONTENT}', "outside every block"),
    (
        "block",
        HTML,
        "{% block preheader %}",
        "{% if 1 %}{% block eyebrow %}{% endblock %}{% endif %}{% block preheader %}",
        "put it inside",
    ),
    ("tag", *added("<p>One <b>bold word.</p>"), "<b> is not closed"),
    ("tag", *added('<p class="small">Three small words.'), '<p class="small"> is not closed'),
    ("tag", *added("<p>Three small words.</p></div>"), "</div> closes nothing"),
    ("tag", *added("<div/>Nothing"), "<div/> is not closed"),
    ("tag", "emails/_parts/footer.html", "</span>", "", '<span class="foot-name"> is not closed'),
    ("script", *added("<script>1</script>"), "<script>"),
    ("script", *added('<p onclick="x()">Two words.</p>'), "onclick"),
]
SPARED = [
    (HTML, CONTENT, f'{{% set tone = "calm" %}}\n{{# Words. #}}\n{{% macro m() %}}Words{{% endmacro %}}\n{CONTENT}'),
    (HTML, CONTENT, CONTENT + "\n{% if lead.name %}{% block inner %}<p>Well.</p>{% endblock %}{% endif %}"),
    (HTML, CONTENT, '{% block eyebrow %}{{ super() }}<p class="eyebrow">A minute</p>{% endblock %}\n' + CONTENT),
    added("<p>A line<br>and<br/>a rule <hr> of ours, 1 &lt; 2.</p>"),
    added("<ul><li>One</li><li><p>Two</p></li></ul><P>Three</p>"),
    added("<!--[if mso]><table><tr><td><![endif]--><p>Words.</p><!--[if mso]></td></tr></table><![endif]-->"),
]


@pytest.mark.parametrize("change", FOUND, ids=lambda change: f"{change[0]} {change[-1]}")
def test_the_cause_is_said_once_at_its_place(installation, place, change):
    rule, name, old, new, told = change
    file = place(name, old, new)
    [finding] = findings(installation, place)
    assert (finding.rule, finding.file) == (rule, f"templates/{name}")
    assert told in finding.detail
    assert (new.strip().split("\n")[0] or "foot-name") in file.read_text().split("\n")[finding.line - 1]


@pytest.mark.parametrize("change", SPARED, ids=lambda change: change[-1][:40])
def test_what_only_looks_like_it_is_let_be(installation, place, change):
    place(*change)
    assert findings(installation, place) == []


@pytest.mark.parametrize("name", [HTML, TEXT])
@pytest.mark.parametrize("blank", ["", "\n{# Later. #}\n", "{% if lead.shoes is defined %}Words{% endif %}"])
def test_a_body_without_content_is_a_fault(installation, place, name, blank):
    file = place(name)
    content = file.read_text().partition(CONTENT)[2].rpartition("{% endblock %}")[0]
    place(name, content, blank)
    [finding] = findings(installation, place)
    assert (finding.rule, finding.file) == ("empty", f"templates/{name}")
    assert CONTENT in file.read_text().split("\n")[finding.line - 1]


def test_one_sentence_is_content(installation, place):
    html, text = (
        place(name).read_text().partition(CONTENT)[2].rpartition("{% endblock %}")[0] for name in (HTML, TEXT)
    )
    place(HTML, html, "<p>Don't ignore, don't mask, do something.</p>")
    place(TEXT, text, "Don't ignore, don't mask, do something.\n")
    assert findings(installation, place) == []


def test_a_block_whose_place_is_filled_anew_has_no_effect(installation, place):
    place(FRAME, "{% block content %}", "{% block content %}{% block first %}{% endblock %}")
    place(HTML, CONTENT, f"{{% block first %}}<p>Words.</p>{{% endblock %}}\n{CONTENT}")
    [finding] = findings(installation, place)
    assert (finding.rule, "filled anew" in finding.detail) == ("block", True)
    place(HTML, CONTENT, CONTENT + "{{ super() }}")
    assert findings(installation, place) == []


def test_a_fault_of_a_shared_part_is_one_finding_for_all_mails_that_show_it(installation, place):
    place("emails/_parts/footer.html", "</span>", "")
    place("emails/_parts/signature.html", "With kind regards,", "With <i>kind regards,")
    runtime = only(opened(installation, place), MAIL, "lumbar-sciatica/sleep", "visit-cancelled/cancelled")
    assert [(each.rule, each.mails) for each in check_templates(runtime.mail_kit)] == [("tag", 3)] * 2


@pytest.mark.parametrize("name", [HTML, TEXT])
@pytest.mark.parametrize("blank", ["", " \n", "{# Later. #}"])
def test_a_file_that_prints_nothing_cannot_be_a_mail(installation, place, name, blank):
    place(name, place(name).read_text(), blank)
    [finding] = findings(installation, place)
    assert (finding.rule, finding.file, finding.line) == ("renders", f"templates/{name}", 1)


def test_html_that_is_all_comment_cannot_be_a_mail(installation, place):
    place(HTML, place(HTML).read_text(), "<!DOCTYPE html><!-- <p>Later</p> -->")
    assert [each.rule for each in findings(installation, place)] == ["renders"]


def test_what_a_frame_lacks_is_one_finding_there_and_what_a_mail_lacks_is_its_own(installation, place):
    place("emails/_parts/footer.txt", "{{ clinic.address }}\n", "")
    [shared] = check_templates(
        only(opened(installation, place), MAIL, "lumbar-sciatica/sleep", "visit-cancelled/cancelled").mail_kit
    )
    assert (shared.rule, shared.file, shared.line, shared.mails) == ("address", "templates/emails/_base/mail.txt", 1, 3)
    [own] = check_templates(only(opened(installation, place), MAIL).mail_kit)
    assert (own.rule, own.file, own.mails) == ("address", f"templates/{TEXT}", 1)


def test_a_block_misspelt_in_the_frame_is_one_finding_there(installation, place):
    place(FRAME, "{% block content %}", "{% block contents %}")
    mails = (MAIL, "lumbar-sciatica/start-small", "visit-cancelled/cancelled")
    [finding] = check_templates(only(opened(installation, place), *mails).mail_kit)
    assert (finding.rule, finding.file, finding.mails) == ("block", f"templates/{FRAME}", 3)
