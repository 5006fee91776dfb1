"""Every rule for mails finds what it is for, and says where."""

import re
from dataclasses import replace

import pytest

from nurture.domain.errors import Refusal
from nurture.domain.segment import parse_segment
from nurture.lint.engine import violations
from nurture.lint.inspection import inspect
from nurture.lint.rendering import rendered_mail_of
from nurture.lint.rules.support import progressive, unsupported
from nurture.lint.template_check import check_templates
from nurture.mail.compose import render
from nurture.mail.personas import find_mail, sample_request
from nurture.render.links import ROUTES
from nurture.runtime import build_runtime
from nurture.service.enqueue import enqueue
from nurture.service.request import Request
from nurture.service.signup import sign_up
from nurture.web.app import create_web
from tests.conftest import MONDAY
from tests.lint.conftest import HTML, MAIL, SUBJECT, TEXT, findings

VISIT = "discovery-visit/confirmation"
FRAME, FOOT, FOOT_TEXT = "emails/_base/mail.html", "emails/_parts/footer.html", "emails/_parts/footer.txt"
STYLE = "emails/_base/style.html"
COUNTER = "https://counter.example.net/c"
FIRST, WORDS = "<p>Dr. Moss keeps", "Dr. Moss keeps"


def added(markup):
    """A change of the mail's HTML: the markup on a line of its own, before the first paragraph."""
    return HTML, FIRST, f"{markup}\n{FIRST}"


def styled(rule):
    """A change of the frame: a style rule that is kept."""
    return FRAME, "</head>", f'<style data-premailer="ignore">{rule}</style>\n</head>'


def hidden(style):
    """A change of the footer: the way out in that style."""
    link = '<a class="foot-link" href="{{ links.unsubscribe }}">Unsubscribe</a>'
    return link, f'<span style="{style}">{link.replace("<a", "<a style=" + chr(34) + style + chr(34))}</span>'


UNSEEN = [
    *("max-height: 0; overflow: hidden", "font-size: 2px", "font-size: 3pt", "opacity: 0.0", "color: transparent"),
    *("color: #fff; background-color: #ffffff", "color: rgb(247, 244, 238)", "visibility: hidden"),
]
PICTURE = '<img src="{}" alt="A chair" width="60" height="60">'
BROKEN = [
    ("renders", *added("{{ lead.name.first.of_all }}"), "first.of_all"),
    ("renders", *added("{% if lead.name %}"), "{% endblock %}"),
    ("name", *added("{% if false %}{{ shoe_size }}{% endif %}"), "shoe_size"),
    ("name", *added("{% if false %}{{ lead.shoe_size }}{% endif %}"), "lead.shoe_size"),
    ("name", FOOT_TEXT, "{{ why }}", "{{ why }}\n{% if false %}{{ wherefore }}{% endif %}", "wherefore"),
    ("subject", SUBJECT, "Three", "Three of the many things that one might say about this, if asked:", "Three"),
    ("size", *added("{% for _ in range(2000) %}<p>" + "word " * 20 + "</p>{% endfor %}"), "{% extends"),
    ("doctype", FRAME, "<!DOCTYPE html>", "<!-- Ours -->\n<!DOCTYPE html>", "<!DOCTYPE"),
    ("address", FOOT_TEXT, "{{ clinic.address }}\n", "", None),
    ("address", FOOT, "<br>{{ clinic.address }}", "<i style='display:none'>{{ clinic.address }}</i>", "clinic.address"),
    ("unsubscribe", FOOT_TEXT, "{{ links.unsubscribe }}", "the link in the other part", None),
    ("unsubscribe", FOOT, ">Unsubscribe<", "><", "links.unsubscribe"),
    ("unsubscribe", *styled("@media (width: 9px) { .foot-line { display: none !important } }"), None),
    ("unsubscribe", *styled("@media screen { a.foot-link { visibility: hidden } }"), None),
    ("unsubscribe", *styled("[data-ogsc] .foot { max-height: 0; overflow: hidden }"), None),
    ("address", *styled("@media (max-width: 480px) { .foot { display: none } }"), None),
    *(("unsubscribe", FOOT, *hidden(style), "links.unsubscribe") for style in UNSEEN),
    ("preheader", HTML, "Short enough for an index card.", "", "block preheader"),
    ("heading", *added("<h1>Three</h1>"), "<h1"),
    ("heading", FRAME, "<h1>{% block heading %}{% endblock %}</h1>", "{% block heading %}{% endblock %}", None),
    ("text", TEXT, "{{ links.visit_offer }}", "our pages", None),
    ("text", *added("<h2>Completely unforeseen matters</h2>"), None),
    ("text", *added("<p>" + "word " * 300 + "</p>"), None),
    ("alt", *added('<img src="{{ links.site }}/a.png" width="60">'), "<img"),
    ("picture", *added(PICTURE.format("https://counter.example.net/a.png")), "counter.example.net"),
    ("picture", *added('<img src="cid:dot" alt="dot" width="1" height="1">'), "cid:dot"),
    ("picture", *added('<img src="cid:dot" alt="dot" style="width: 1px">'), "cid:dot"),
    ("picture", *added('<p style="background: url(https://counter.example.net/b)">x</p>'), "counter.example.net"),
    ("picture", *added('<img src="cid:dot" alt="dot" width="2" height="2">'), "cid:dot"),
    ("picture", *added(f'<table><tr><td background="{COUNTER}">x</td></tr></table>'), COUNTER),
    ("picture", *added(f'<!--[if mso]><img src="{COUNTER}" alt="x" width="60"><![endif]-->'), COUNTER),
    (
        "picture",
        *added(f'<!--[if gte mso 9]><v:rect><v:fill type="tile" src="{COUNTER}"/></v:rect><![endif]-->'),
        COUNTER,
    ),
    ("link", *added(f'<!--[if mso]><v:roundrect href="{COUNTER}"></v:roundrect><![endif]-->'), COUNTER),
    ("link", TEXT, WORDS, f"See {COUNTER}.\n{WORDS}", COUNTER),
    ("link", TEXT, WORDS, f"See {{{{ links.site }}}}/nowhere.\n{WORDS}", "/nowhere"),
    ("link", *added('<a href="mailto:desk@elsewhere.example">x</a>'), "desk@elsewhere"),
    ("link", *added('<a href="mailto:care@clinic.example?bcc=eve@elsewhere.example">x</a>'), "eve@elsewhere"),
    ("link", *added('<a href="">x</a>'), 'href=""'),
    ("link", *added('<a href="#top">x</a>'), "#top"),
    ("link", *added('<a href="/articles">x</a>'), '"/articles"'),
    ("link", *added('<a href="{{ links.site }}/nowhere">x</a>'), "/nowhere"),
    ("link", *added('<a href="{{ links.site }}/articles/dreams">x</a>'), "dreams"),
    ("link", *added('<a href="https://elsewhere.example.org/a">x</a>'), "elsewhere.example.org"),
    ("link", *added('<a href="javascript:alert(1)">x</a>'), "javascript:"),
    ("privacy", SUBJECT, "Three short rules", "Three rules for sciatica", "sciatica"),
    ("privacy", SUBJECT, "Three short rules", "Three rules of Dr. Robert Moss", "Dr. Robert Moss"),
    ("privacy", HTML, "Short enough for an index card.", "For your lower back.", "lower back"),
    ("privacy", *added('<a href="{{ links.site }}/articles?for=knee-pain">x</a>'), "knee-pain"),
    ("privacy", *added('<a href="HTTPS://CLINIC.EXAMPLE/?for=knees">x</a>'), "knees"),
    ("privacy", *added('<a href="mailto:care@clinic.example?subject=My%20herniated%20disks">x</a>'), "disks"),
    (
        "privacy",
        *added('<a href="{{ links.site }}/articles/a-long-slug-that-ends-in-sore-hips-and-knees">x</a>'),
        "hips",
    ),
    ("privacy", TEXT, WORDS, f"{{{{ links.site }}}}/articles?for=dry_needling\n{WORDS}", "dry_needling"),
    ("support", *added('<p style="text-shadow: 1px 1px #000">x</p>'), "text-shadow"),
    ("support", *added('<p style="display: flex">x</p>'), "display: flex"),
    ("support", *added('<p style="width: calc(100% - 9px)">x</p>'), "calc("),
    ("support", *added('<p style="width: 50vw">x</p>'), "50vw"),
    (
        "support",
        STYLE,
        "@media only screen",
        "@supports (display: grid) { p { color: red } }\n@media only screen",
        "@supp",
    ),
    ("support", STYLE, "  .page-cell", "  .page-cell { position: fixed }\n  .page-cell", "position"),
    ("support", *added("<video><source></video>"), "<video"),
    ("support", *added('<img src="cid:a" srcset="cid:b" alt="x" width="60">'), "srcset"),
    ("shape", *added("<style>p { color: {{ lead.name }} }</style>"), "{ color"),
    ("shape", STYLE, ".page {", ".page { width: {{ lead.name | length }}px; }\n.page {", "lead.name"),
    ("shape", *added("<p>{{ lead.name | safe }}</p>"), "| safe"),
    ("shape", *added("<p>{% filter upper %}Dear {{ lead.name }}{% endfilter %}</p>"), "{% filter"),
]


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: f"{broken[0]} {broken[-1]}")
def test_each_rule_finds_its_fault_at_its_place(installation, place, broken):
    rule, name, old, new, marker = broken
    file = place(name, old, new)
    found = [each for each in findings(installation, place) if each.rule == rule]
    assert found, rule
    assert all(each.mail == MAIL and each.file.startswith("templates/emails/") for each in found)
    if marker is not None:
        lines = [number for number, line in enumerate(file.read_text().split("\n"), 1) if marker in line]
        assert {(each.file, each.line) for each in found} & {(f"templates/{name}", line) for line in lines}, found


def test_a_missing_file_is_named(installation, place):
    installation.runtime = build_runtime(replace(installation.runtime.settings, home=place.home))
    file = place(TEXT, WORDS, WORDS)
    file.unlink()
    [finding] = inspect(installation.runtime.mail_kit, *find_mail(installation.runtime.catalogue, MAIL))
    assert (finding.rule, finding.file, finding.line) == ("files", f"templates/{TEXT}", 1)


def test_a_mail_about_an_appointment_does_not_offer_to_unsubscribe(installation, place):
    card = "{% call visit_card"
    file = place(f"emails/{VISIT}/body.html", card, f'<a href="{{{{ links.site }}}}/unsubscribe/x">Stop</a>\n{card}')
    [line] = [number for number, line in enumerate(file.read_text().split("\n"), 1) if "unsubscribe" in line]
    found = [each for each in findings(installation, place, VISIT) if each.rule == "unsubscribe"]
    assert [(each.file, each.line) for each in found] == [(f"templates/emails/{VISIT}/body.html", line)]


def test_a_calendar_title_gives_nothing_away(installation):
    request = sample_request(*find_mail(installation.runtime.catalogue, VISIT), "Ann", MONDAY)
    sample = rendered_mail_of(installation.runtime.mail_kit, request, render(installation.runtime.mail_kit, request))
    assert sample.calendar_title == "Appointment at MOSS Rehabilitation Center"
    assert [*violations(sample)] == []
    told = violations(replace(sample, calendar_title="Discovery Visit with Dr. Robert Moss"))
    assert [each.rule for each in told] == ["privacy", "privacy"]


@pytest.mark.parametrize("markup", ['<p style="text-shadow: 1px 1px #000">{{ lead.name }}</p>', "{{ article.title }}"])
def test_the_same_fault_for_every_reader_is_said_once(installation, place, markup):
    place(*added(markup))
    [finding] = findings(installation, place)
    assert (finding.file, finding.line) == (f"templates/{HTML}", 7)
    assert "body.html" not in finding.detail


def test_the_shipped_mails_have_no_findings(installation):
    assert check_templates(installation.runtime.mail_kit) == []


def test_a_campaign_whose_mails_have_findings_is_not_started(installation, place):
    sign_up(installation.runtime, Request("ann@example.com", "lumbar-sciatica"))
    place(SUBJECT, "Three short rules", "Three rules for sciatica")
    broken = replace(installation.runtime, settings=replace(installation.runtime.settings, home=place.home))
    broken = replace(broken, renderer=build_runtime(broken.settings).renderer)
    refused = enqueue(broken, "lumbar-sciatica", parse_segment("all"))
    assert isinstance(refused, Refusal)
    assert f"templates/{SUBJECT} line 1" in refused.sentence
    assert "`nurture template check`" in refused.sentence
    assert "\n" not in refused.sentence


def test_links_are_held_against_pages_that_exist(installation):
    rules = create_web(installation.runtime).url_map.bind("clinic.example")
    for path in ("/", "/articles", "/unsubscribe/x", "/report/x", "/report/x.pdf", "/visit/x", "/visit/x.ics"):
        assert any(re.fullmatch(route, path) for route in ROUTES)
        assert rules.match(path)


def test_every_exception_is_one_and_has_its_reason():
    for kind, names in progressive().items():
        assert set(names) <= set(unsupported()[kind])
        assert all(names.values())


@pytest.mark.parametrize(
    "box", ["care@clinic.example", "Desk@frontdesk.example", "care%40clinic.example?subject=Hello"]
)
def test_a_link_may_write_to_the_clinic(installation, place, box):
    place(*added(f'<a href="mailto:{box}">x</a>'))
    mail = replace(installation.runtime.settings.mail, reply_to="desk@frontdesk.example")
    installation.runtime = replace(installation.runtime, settings=replace(installation.runtime.settings, mail=mail))
    assert findings(installation, place) == []
