"""What mails and pages say is so: the signs that should not wait, what we promise, and what a press does."""

import re
from dataclasses import replace
from datetime import datetime

import pytest

from nurture.service.compose import words
from nurture.service.samples import sample_letter, variants
from tests.conftest import MONDAY, ROOT

PLACES = [
    *sorted((ROOT / "templates" / "articles").glob("*.md")),
    *(ROOT / "templates" / "emails" / "_parts" / f"safety.{ending}" for ending in ("html", "txt")),
    *(ROOT / "templates" / "pages" / name for name in ("landing.html", "thanks.html")),
]
OPENINGS = ("## when to see a doctor", "when not to wait", "do not wait for a report")
NOW = ("911", "emergency room", "bladder", "numbness")
TODAY = ("call a doctor today", "fever", "weight loss", "cancer", "at night", "smaller fall")


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_the_signs_that_should_not_wait_are_those_of_the_report(place):
    words = " ".join(place.read_text().split()).lower()
    section = words[max(words.rfind(opening) for opening in OPENINGS) :]
    assert [sign for sign in TODAY if sign not in section] == []
    [emergency] = [sentence for sentence in section.split(". ") if "serious fall or accident" in sentence]
    assert [sign for sign in NOW if sign not in emergency] == []


@pytest.mark.parametrize("ending", ["html", "txt"])
def test_no_result_is_promised(ending):
    steps = ROOT / "templates" / "emails" / "lumbar-sciatica" / "three-steps" / f"body.{ending}"
    words = " ".join(steps.read_text().split())
    assert "You return to" not in words
    assert "Nobody can promise a result." in words


def test_no_mail_says_that_its_link_confirms():
    """It opens a page, since scanners open every link; the button there confirms."""
    bodies = (ROOT / "templates" / "emails" / "discovery-visit").glob("*/body.*")
    assert [body for body in bodies if "One press" in body.read_text()] == []


@pytest.mark.parametrize("state", ["booked", "confirmed and moved"])
def test_subjects_about_one_visit_differ_and_begin_with_its_day_and_hour(house, state):
    clinic = house.runtime.settings.clinic.zone
    starts_at = datetime(2026, 9, 30, 12, 30, tzinfo=clinic)
    subjects = []
    for campaign in ("discovery-visit", "visit-cancelled"):
        for step in house.runtime.catalogue.campaigns[campaign].steps:
            letter = variants(sample_letter(house.runtime.catalogue.campaigns[campaign], step, "Ann", MONDAY))[state]
            visit = replace(letter.enrolment.visit, starts_at=starts_at)
            letter = replace(letter, enrolment=replace(letter.enrolment, visit=visit))
            subjects.append(words(house.runtime, letter).subject)
    dated = [subject for subject in subjects if "Wed, Sep 30, 12:30 PM" in subject[:30]]
    # Those that come after the hour has passed name neither.
    assert [each for each in subjects if each not in dated] == [
        "Thank you for coming",
        "Sorry we missed you",
        "Whenever it suits you",
    ]
    assert len(set(dated)) == len(dated) == 5


@pytest.mark.parametrize("ending", ["html", "txt"])
def test_a_mail_that_asks_for_nothing_has_no_button_that_does(ending):
    for body in (ROOT / "templates" / "emails").glob(f"*/*/body.{ending}"):
        text = " ".join(body.read_text().split())
        assert "nothing you need to do" not in text or not re.search(r"Confirm (your visit|or cancel)", text), body


def test_an_article_on_the_public_web_stands_alone():
    elsewhere = r"(later|next|earlier|previous|another|last) (article|mail)|this series|last week we"
    assert [
        file.name for file in (ROOT / "templates" / "articles").glob("*.md") if re.search(elsewhere, file.read_text())
    ] == []
