import pytest

from nurture.domain.sought import Known, Sought

JOSE = Known(1, "jose.oneill@example.com", "José O\u2019Neill Müller", "817.555.0102 ext 5", "+18175550102")
ELSE = Known(2, "ann@clinic.example", "Ann Smith", "020 7946 0018", "+442079460018")


@pytest.mark.parametrize(
    "text", ["jose", "JOSÉ", "o'neill", "Oneill, Jose", "muller", "NEILL@EXAMPLE", "(817) 555", "+1 817-555", "5550102"]
)
def test_people_are_found_however_it_is_written(text):
    assert Sought(text).is_part_of(JOSE)
    assert not Sought(text).is_part_of(ELSE)


@pytest.mark.parametrize("text", ["020 7946", "0044 20 7946", "+44 (20) 7946-0018", "7946"])
def test_a_number_is_found_with_and_without_what_is_dialled_before_it(text):
    assert Sought(text).is_part_of(ELSE)
    assert not Sought(text).is_part_of(JOSE)


@pytest.mark.parametrize(
    "text", ["ext 5", "x5", "Extension 5", "817.555.0102 ext. 5", "+1 (817) 555-0102 x5", "0102 #5"]
)
def test_an_extension_is_found_however_it_is_written_alone_and_behind_its_number(text):
    assert Sought(text).is_part_of(JOSE)
    assert not Sought(text).is_part_of(ELSE)


@pytest.mark.parametrize("text", ["ext 6", "x51", "1 x5", "817.555.0103 ext 5", "ext 5 and 6"])
def test_another_extension_or_another_number_finds_nobody(text):
    assert not Sought(text).is_part_of(JOSE)


@pytest.mark.parametrize("text", ["", " ", "-", "81", "00", "jose smith", "817 jose"])
def test_what_says_too_little_or_too_much_finds_nobody(text):
    assert not Sought(text).is_part_of(JOSE)
