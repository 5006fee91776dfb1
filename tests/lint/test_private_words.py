"""Words that tell of a reader's health are found in every form, and no others."""

from dataclasses import replace

import pytest

from nurture.config.settings import load_settings
from nurture.domain.errors import ConfigError
from nurture.lint.rendering import rendered_mail_of
from nurture.lint.rules.privacy import privacy
from nurture.lint.template_check import check_templates
from nurture.mail.compose import render
from nurture.mail.personas import find_mail, sample_request
from tests.conftest import MONDAY
from tests.lint.conftest import MAIL, only


def told(sample, subject):
    content = replace(sample.content, subject=subject)
    return [each.detail for each in privacy(replace(sample, content=content))]


def configured(installation, place, old, new):
    """The runtime after a change of nurture.toml."""
    place("../config/nurture.toml", old, new)
    settings = load_settings({"NURTURE_HOME": str(place.home), "NURTURE_VAR": str(installation.runtime.settings.var)})
    return replace(installation.runtime, settings=settings)


def rendered(runtime):
    request = sample_request(*find_mail(runtime.catalogue, MAIL), "Ann", MONDAY)
    return rendered_mail_of(runtime.mail_kit, request, render(runtime.mail_kit, request))


PRIVATE = [
    *(
        "Dr. Moss will see you",
        "A word from Moss",
        "Ask dr moss",
        "Sore hips and knees",
        "Your backache",
        "Dry needling",
    ),
    *(
        "Needles",
        "Slipped disks",
        "Our therapists",
        "New treatments",
        "For patients",
        "Your MRI",
        "Your X-ray",
        "X rays",
    ),
    *(
        "Aching again?",
        "Painful mornings",
        "Physiotherapy at home",
        "Numbness",
        "Lower-back trouble",
        "Surgical options",
    ),
    *(
        "Vertigo, explained",
        "Feeling dizzy?",
        "The pelvic-floor class",
        "INCONTINENCE",
        "Incontinent no more",
        "TMJ care",
    ),
    *(
        "Your jaw's best friend",
        "Whiplash",
        "Concussions",
        "Tennis elbows",
        "A frozen shoulder",
        "After your C-section",
    ),
    *(
        "Your knee's story",
        "Knee: a story",
        "Carpal tunnel",
        "Postpartum care",
        "Post-partum care",
        "Injuries",
        "Arthritic",
    ),
    *(
        "Diabetes",
        "Parkinson\u2019s",
        "A stroke of your own",
        "Plantar fasciitis",
        "For your feet",
        "Bladder leaks",
        "Evaluations",
    ),
]


@pytest.mark.parametrize("subject", PRIVATE)
def test_private_words_are_known_in_every_form(sample, subject):
    assert told(sample, subject)


PLAIN = [
    *(
        "Three short rules worth keeping",
        "Three steps, at your own pace",
        "Rest a little, move a little",
        "Welcome back",
    ),
    *("See you at 10:00 AM", "A number of painters", "Reach each page of the cache", "Have patience", "A mossy path"),
    *("News from MOSS Rehabilitation Center", "Necklaces, spins and whips", "Discover a treat", "Your discount"),
    *(
        "A joint effort",
        "Back on Monday",
        "On foot to the park",
        "Kneeling by the door",
        "A rule of thumb",
        "Hours of operation",
    ),
    *("A surge of hospitality", "Your balance is paid", "The pelican brief", "Jawbreakers", "Hippos and disco"),
]


@pytest.mark.parametrize("subject", PLAIN)
def test_plain_words_are_not_private(sample, subject):
    assert told(sample, subject) == []


def test_the_clinic_adds_words_of_its_own(installation, place):
    runtime = configured(installation, place, "words = []", 'words = ["aqua class", "hippo*"]')
    sample = rendered(runtime)
    assert told(sample, "Aqua-Classes") == ["the subject says “Aqua-Classes”"]
    assert told(sample, "Hippotherapy, by a hippo")
    assert told(sample, "Aquaclassical") == []


@pytest.mark.parametrize("word", ['""', '"("', '"*"', '"a*b"', "1"])
def test_a_word_that_is_none_is_refused_by_name(installation, place, word):
    with pytest.raises(ConfigError, match="words"):
        configured(installation, place, "words = []", f"words = [{word}]")


HEADERS = [
    ('from_name = "MOSS Rehabilitation Center"', 'from_name = "Your Pelvic Floor Team"', "From", "Pelvic"),
    ('from_address = "care@', 'from_address = "knee.care@', "From", "knee"),
    ('reply_to = "frontdesk@', 'reply_to = "back-pain@', "Reply-To", "pain"),
    ('idempotency_header = ""', 'idempotency_header = "X-Vertigo-Key"', "X-Vertigo-Key", "Vertigo"),
]


@pytest.mark.parametrize("change", HEADERS, ids=lambda change: change[2])
def test_headers_give_nothing_away(installation, place, change):
    old, new, header, word = change
    runtime = only(configured(installation, place, old, new), MAIL, "visit-cancelled/cancelled")
    found = [each for each in check_templates(runtime.mail_kit) if f"the header {header} says “{word}”" in each.detail]
    [finding] = found
    assert (finding.rule, finding.file) == ("privacy", "config/nurture.toml")
    assert new in (place.home / "config" / "nurture.toml").read_text().split("\n")[finding.line - 1]
    assert finding.mails == 2


def test_the_clinics_own_name_and_domain_may_say_what_it_does(installation, place):
    runtime = configured(installation, place, "care@clinic.example", "care@spine.knee-clinic.example")
    assert told(rendered(runtime), "Three short rules") == []
    place("../config/nurture.toml", 'from_name = "MOSS', 'from_name = "The front desk at Moss Rehabilitation, not MOSS')
    assert told(rendered(configured(installation, place, "[web]", "[web]")), "Three short rules") == []
