import pytest

from nurture.contact.phone import Phone, parse_phone, phone_url
from nurture.domain.errors import Refusal


@pytest.mark.parametrize(
    ("typed", "country", "e164"),
    [
        ("(817) 555-0102", "US", "+18175550102"),
        ("817.555.0102 ext 5", "US", "+18175550102"),
        ("817 555 0102 (after six)", "US", "+18175550102"),
        ("1-817-555-0102", "US", "+18175550102"),
        ("call 817/555-0102", "US", "+18175550102"),
        ("020 7946 0018", "GB", "+442079460018"),
        ("+44 20 7946 0018", "US", "+442079460018"),
        ("0044 20 7946 0018", "US", "+442079460018"),
        ("call (00) 44-20-7946-0018 after six", "US", "+442079460018"),
        ("004420 79460018 ext 5", "US", "+442079460018"),
        ("001 817 555 0102", "GB", "+18175550102"),
        ("011 44 20 7946 0018", "US", "+442079460018"),
    ],
)
def test_a_phone_is_kept_as_typed_and_as_anybody_can_dial_it(typed, country, e164):
    assert parse_phone(f" {typed} ", country) == Phone(typed, e164)


def test_no_phone_is_no_phone():
    assert parse_phone("  ", "US") == Phone("", "")


@pytest.mark.parametrize("typed", ["call me", "220-6677", "00 12345", "1" * 41, "817-555-0102\n817-555-0103"])
def test_what_nobody_could_dial_is_refused(typed):
    assert isinstance(parse_phone(typed, "US"), Refusal)


@pytest.mark.parametrize(
    ("phone", "country", "url"),
    [
        ("817-220-6677", "US", "tel:+18172206677"),
        ("020 7946 0018", "GB", "tel:+442079460018"),
        ("220-6677", "US", "tel:2206677"),
    ],
)
def test_the_clinics_number_can_be_pressed(phone, country, url):
    assert phone_url(phone, country) == url
