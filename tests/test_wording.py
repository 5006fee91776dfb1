"""What mails and pages say is so: the signs that should not wait, what we promise, and what a press does."""

import pytest

from tests.conftest import ROOT

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
