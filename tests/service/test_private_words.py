"""Words that tell of a reader's health are found in every form, and no others."""

from dataclasses import replace

import pytest

from nurture.render.check.rules.privacy import privacy
from nurture.service.compose import words
from nurture.service.inspection import specimen_of
from nurture.service.samples import find_mail, sample_letter
from tests.conftest import MONDAY
from tests.service.conftest import MAIL


def told(house, subject):
    letter = sample_letter(*find_mail(house.runtime, MAIL), "Ann", MONDAY)
    content = words(house.runtime, letter)
    return [each.detail for each in privacy(specimen_of(house.runtime, letter, replace(content, subject=subject)))]


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
]


@pytest.mark.parametrize("subject", PRIVATE)
def test_private_words_are_known_in_every_form(house, subject):
    assert told(house, subject)


PLAIN = [
    *(
        "Three short rules worth keeping",
        "Three steps, at your own pace",
        "Rest a little, move a little",
        "Welcome back",
    ),
    *("See you at 10:00 AM", "A number of painters", "Reach each page of the cache", "Have patience", "A mossy path"),
    *("News from MOSS Rehabilitation Center", "Necklaces, spins and whips", "Discover a treat", "Your discount"),
]


@pytest.mark.parametrize("subject", PLAIN)
def test_plain_words_are_not_private(house, subject):
    assert told(house, subject) == []
