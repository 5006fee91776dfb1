"""What a template may do without a finding, and what it may not do without one clear sentence."""

import codecs
from dataclasses import replace

import pytest

from nurture.domain.errors import ConfigError, TemplateError
from nurture.lint.template_check import check_templates
from nurture.mail.compose import render
from nurture.mail.personas import find_mail, sample_request
from nurture.mail.report import build_report
from nurture.runtime import build_runtime
from nurture.service.request import Request
from nurture.service.signup import sign_up
from nurture.web.app import create_web
from tests.conftest import MONDAY
from tests.lint.conftest import HTML, MAIL, SUBJECT, TEXT, findings

FIRST = "<p>Dr. Moss keeps"
PART = "emails/_parts/greeting.html"


@pytest.mark.parametrize(
    "markup",
    [
        '{{ hero | default("x") }}',
        "{% if hero is defined %}{{ hero }}{% endif %}",
        "{% if lead.hero is defined %}{{ lead.hero }}{% endif %}",
    ],
)
def test_what_a_template_says_may_be_missing_is_no_unknown_name(installation, place, markup):
    place(HTML, FIRST, markup + "\n" + FIRST)
    assert findings(installation, place) == []


@pytest.mark.parametrize(
    "markup",
    [
        '{% for hero in ("a", "b") %}{% include "emails/_parts/greeting.html" %}{% endfor %}',
        '{% set hero = "a" %}{% include "emails/_parts/greeting.html" %}',
        '{% with hero = "a" %}{% include "emails/_parts/greeting.html" %}{% endwith %}',
    ],
)
def test_a_name_that_a_template_sets_is_known_to_what_it_includes(installation, place, markup):
    place(PART, "Hello", "{% if false %}{{ hero }}{% endif %}Hello")
    place(HTML, FIRST, markup + "\n" + FIRST)
    assert [each for each in findings(installation, place) if each.rule == "name"] == []


def test_a_name_that_is_used_without_its_default_is_still_unknown(installation, place):
    place(HTML, FIRST, '{{ hero | default("x") }}{% if false %}{{ hero }}{% endif %}' + FIRST)
    assert [each.rule for each in findings(installation, place)] == ["name"]


@pytest.mark.parametrize("how", ["include", "extends"])
def test_a_template_that_includes_itself_is_a_finding(installation, place, how):
    place(TEXT).write_text(f"{{% {how} '{TEXT}' %}}")
    [finding] = findings(installation, place)
    assert (finding.file, finding.rule) == (f"templates/{TEXT}", "renders")
    assert "in a circle" in finding.detail


def test_a_template_that_is_not_utf_8_is_a_finding_at_its_line(installation, place):
    file = place(PART, "Hello", "Hello\n")
    file.write_bytes(file.read_text().replace("\n", "\nZo\xeb", 1).encode("cp1252"))
    [finding] = findings(installation, place)
    assert (finding.file, finding.line, finding.rule) == (f"templates/{PART}", 2, "renders")
    assert "UTF-8" in finding.detail


def test_a_byte_order_mark_reaches_no_reader(installation, place):
    for name in (SUBJECT, TEXT):
        file = place(name)
        file.write_bytes(codecs.BOM_UTF8 + file.read_bytes())
    assert findings(installation, place) == []
    runtime = build_runtime(replace(installation.runtime.settings, home=place.home))
    content = render(runtime.mail_kit, sample_request(*find_mail(runtime.catalogue, MAIL), "Ann", MONDAY))
    assert (content.subject[0], content.text[0]) == ("T", "H")


@pytest.mark.parametrize("name", ["articles/sleep.md", "reports/lumbar-sciatica.md"])
def test_an_article_or_report_that_is_not_utf_8_is_named(installation, place, name):
    file = place(name)
    file.write_bytes(file.read_bytes() + b"Zo\xeb")
    with pytest.raises(ConfigError, match=f"{name}.*UTF-8"):
        findings(installation, place)


def test_an_article_may_begin_with_a_byte_order_mark(installation, place):
    file = place("articles/sleep.md")
    file.write_bytes(codecs.BOM_UTF8 + file.read_bytes())
    assert findings(installation, place) == []


REPORT = "reports/lumbar-sciatica.md"


@pytest.mark.parametrize("markdown", ["##", "### ", "Well done \U0001f642."])
def test_a_report_that_typst_refuses_is_a_finding_and_not_a_broken_page(installation, place, markdown):
    file = place(REPORT)
    file.write_text(f"{file.read_text()}\n{markdown}\n\nMore.\n")
    broken = build_runtime(replace(installation.runtime.settings, home=place.home))
    runtime = replace(installation.runtime, settings=broken.settings, catalogue=broken.catalogue)
    [finding] = check_templates(runtime.mail_kit, [runtime.catalogue.campaigns["lumbar-sciatica"]])
    line = file.read_text().split("\n").index(markdown) + 1
    assert (finding.file, finding.line, finding.rule) == (f"templates/{REPORT}", line, "report")
    with pytest.raises(TemplateError, match=f"templates/{REPORT}"):
        build_report(runtime.mail_kit, runtime.catalogue.reports["lumbar-sciatica"])
    signed = sign_up(runtime, Request("ann@example.com", "lumbar-sciatica"))
    pdf = runtime.links.report_pdf(signed.enrolment_public_id).removeprefix(runtime.links.site)
    assert create_web(runtime).test_client().get(pdf).status_code == 503


def test_a_report_may_skip_a_level_of_its_headings(installation, place):
    file = place(REPORT)
    file.write_text(f"{file.read_text()}\n## More\n\n#### Yet more\n\nWords.\n")
    runtime = build_runtime(replace(installation.runtime.settings, home=place.home))
    assert build_report(runtime.mail_kit, runtime.catalogue.reports["lumbar-sciatica"]).is_file()
