"""What a mail may not say: a promise of results, a stranger's number, and in one body what the other denies."""

import re
from dataclasses import replace

import pytest

from nurture.config.settings import load_settings
from nurture.lint.rules.consistency import consistency
from nurture.lint.rules.phones import phones
from nurture.lint.rules.promises import promises
from tests.lint.conftest import HTML, MAIL, SUBJECT, TEXT, findings

FIRST, WORDS = "<p>Dr. Moss keeps", "Dr. Moss keeps"


def said(html, text=None):
    """Changes of both bodies: a paragraph of its own in each."""
    return [(HTML, FIRST, f"<p>{html}</p>\n{FIRST}"), (TEXT, WORDS, f"{html if text is None else text}\n\n{WORDS}")]


def mail_that_says(sample, html, text=None):
    """The mail with such a paragraph in each body."""
    text = html if text is None else text
    page = replace(sample.page, words=f"{sample.page.words} {html}", blocks=(*sample.page.blocks, html))
    content = replace(sample.content, text=f"{sample.content.text}\n{text}\n")
    return replace(sample, page=page, content=content)


def rules_of(installation, place, changes):
    for change in changes:
        place(*change)
    return [each.rule for each in findings(installation, place)]


PROMISED = [
    *("Relief is guaranteed.", "We guarantee it.", "A cure for all of it.", "This cures.", "A pain-free life awaits."),
    *("No surgery, guaranteed.", "Don't wait, a cure is near.", "Without surgery we guarantee relief."),
    *("Not only good but guaranteed.", "Our no-nonsense guarantee.", "A miracle!", "Want it guaranteed?"),
]
HONEST = [
    *("There is no guarantee.", "Nobody can guarantee a result.", "It is not a cure.", "We cannot cure this."),
    *("There is no quick fix, miracle or cure.", "It doesn't cure anything.", "A cure is not what we offer."),
    *(
        "Is there a cure? We do not know one.",
        "Beware of anyone who guarantees results.",
        "A secure and curious manicure.",
    ),
    *("Nothing here is risky; you can\u2019t be promised a cure.", "We work without guarantees of any kind."),
]


@pytest.mark.parametrize("words", PROMISED)
def test_a_promise_is_found_in_both_bodies(sample, words):
    assert [each.part for each in promises(mail_that_says(sample, words))] == ["body.html", "body.txt"]


@pytest.mark.parametrize("words", HONEST)
def test_what_denies_or_asks_promises_nothing(sample, words):
    assert [*promises(mail_that_says(sample, words))] == []


def test_a_promise_is_found_in_a_subject_and_a_preheader_and_not_across_paragraphs(installation, place):
    place(SUBJECT, "Three", "Guaranteed: three")
    place(HTML, "Short enough", "A cure, short enough")
    place(*said("<b>No drugs</b></p><p>Relief guaranteed", "No drugs\n\nRelief guaranteed")[0])
    found = [(each.file.rpartition("/")[2], each.rule) for each in findings(installation, place)]
    assert sorted(found) == [("body.html", "promise"), ("body.html", "promise"), ("subject.txt", "promise")]


OTHERS = ["817-220-6678", "(817) 220 6678", "+1 817.220.6678", "+44 20 7946 0018"]


@pytest.mark.parametrize("number", OTHERS)
def test_a_number_that_is_not_the_clinics_is_found(sample, number):
    assert [each.part for each in phones(mail_that_says(sample, f"Call {number} now."))] == ["body.html", "body.txt"]


def test_two_strange_numbers_are_two_findings(installation, place):
    place(TEXT, WORDS, f"Call 817-220-6678 or 817-220-6679.\n\n{WORDS}")
    assert [each.rule for each in findings(installation, place)] == ["phone", "phone"]


def test_a_day_that_is_wrong_for_each_visit_is_one_finding(installation, place):
    visit = "discovery-visit/three-days"
    place(f"emails/{visit}/body.html", "{% call visit_card", "<p>On Sunday at 3 AM.</p>\n{% call visit_card")
    [finding] = findings(installation, place, visit)
    assert (finding.rule, finding.file) == ("consistency", f"templates/emails/{visit}/body.html")


def test_a_number_behind_a_link_is_found(installation, place):
    place(HTML, FIRST, f'<p>Or <a href="tel:+18172206678">call us</a>.</p>\n{FIRST}')
    assert {each.rule for each in findings(installation, place)} == {"phone", "text"}


def test_the_clinics_number_may_be_written_in_any_way(sample):
    assert [*phones(mail_that_says(sample, "Call (817) 220-6677, or +1 817 220 6677. In need call 911 or 988."))] == []
    assert [
        *phones(mail_that_says(sample, "It is 10:00 AM, 2026-03-02 in TX 76100, and 12345 steps on 03/02/2026."))
    ] == []


def test_the_clinic_may_name_other_numbers(installation, place):
    place("../config/nurture.toml", "other_phones = []", 'other_phones = ["817-220-6678"]')
    settings = load_settings({"NURTURE_HOME": str(place.home), "NURTURE_VAR": str(installation.runtime.settings.var)})
    installation.runtime = replace(installation.runtime, settings=settings)
    assert rules_of(installation, place, said("Call 817-220-6678.")) == []


UNEQUAL = [
    ("Come on Tuesday.", "Come on Wednesday."),
    ("Come on March 3.", "Come on March 4."),
    ("Come on 3 March.", "Come on the 3rd of April."),
    ("Come at 10 AM.", "Come at 10:30 AM."),
    ("Come at 10 AM.", "Come at 10 PM."),
    ("Come at 14:00.", "Come at 15:00."),
    ("Come on Tuesday.", "Come soon."),
    ("Come soon.", "Come soon, it costs $49."),
    ("It costs $1,049.", "It costs $1,094."),
    ("It takes 45 minutes.", "It takes forty minutes."),
    ("It takes three weeks.", "It takes four weeks."),
    ("It helps 50% of all.", "It helps 60 percent of all."),
]
EQUAL = [
    ("Come on Tuesdays, at 10 AM.", "Come at 10:00 a.m., on a Tuesday."),
    ("Come on Tue, Mar. 3rd.", "Come on Tuesday, 3 March."),
    ("Open Mon - Fri.", "Open Monday to Friday."),
    ("Come at 2 PM.", "Come at 14:00."),
    ("Come at noon.", "Come at 12 pm."),
    ("It costs $1,049.00.", "It costs 1049 dollars."),
    ("It takes forty-five minutes.", "It takes 45 minutes."),
    ("It helps 50% of all.", "It helps 50 percent of all."),
    ("It takes 45 minutes, or 2 days.", "It takes 45 minutes."),
    ("We sat in the sun. May I?", "We may sit in the sun."),
]


@pytest.mark.parametrize(("html", "text"), UNEQUAL)
def test_bodies_that_disagree_are_found(sample, html, text):
    assert [each.rule for each in consistency(mail_that_says(sample, html, text))] == ["consistency"]


@pytest.mark.parametrize(("html", "text"), [UNEQUAL[0], ("Come soon.", "Come soon, at 10 AM.")])
def test_bodies_that_disagree_are_one_finding(installation, place, html, text):
    for change in said(html, text):
        file = place(*change)
    [finding] = findings(installation, place)
    assert (finding.rule, finding.mail) == ("consistency", MAIL)
    file = place(finding.file.removeprefix("templates/"))
    line = file.read_text().split("\n")[finding.line - 1]
    assert re.sub("</?p>", "", line) in {html, text}


@pytest.mark.parametrize(("html", "text"), EQUAL)
def test_the_same_may_be_written_otherwise(sample, html, text):
    assert [*consistency(mail_that_says(sample, html, text))] == []
