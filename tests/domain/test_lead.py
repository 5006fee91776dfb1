import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.domain.errors import Refusal
from nurture.domain.lead import parse_name, parse_word, parse_zone


@pytest.mark.parametrize(
    "name", ["", "Ann", "Ann O'Brien", "José María", "مريم", "李小龙", "Zoë 🙂", "x" * 100, "{{ 7*7 }}", "<b>Ann"]
)
def test_real_and_odd_names_are_kept(name):
    assert parse_name(f"  {name} ") == name


@pytest.mark.parametrize(
    "name", ["=?utf-8?q?=0A?=Bcc: x@y.z", "Ann\nBcc: x", "a\x00", "a\u2028b", "a\u202eb", "a\x85b", "x" * 101, "\ud800"]
)
def test_a_name_that_could_forge_a_header_is_refused(name):
    assert isinstance(parse_name(name), Refusal)


@pytest.mark.parametrize(
    "name", ["https://evil.example", "www.evil", "Win evil.example", "evil1.co now", "a/b", "a@b", "evil\uff0eexample"]
)
def test_a_name_that_a_mail_program_could_make_a_link_of_is_refused(name):
    refusal = parse_name(name)
    assert isinstance(refusal, Refusal)
    assert "link" in refusal.sentence


@pytest.mark.parametrize(
    "name", ["J. R. Smith", "J.R. Smith", "St. John", "Ann Smith, Ph.D, MPT", "Müller-Lüdenscheidt"]
)
def test_a_name_with_a_dot_is_kept(name):
    assert parse_name(name) == name


@pytest.mark.parametrize("space", ["\u00a0", "\u2007", "\u202f", "\u3000", " \u00a0 "])
def test_every_space_is_a_plain_one(space):
    assert parse_name(f"{space}Ann{space}Miller{space}") == "Ann Miller"


def test_a_source_may_be_an_address():
    assert parse_word("clinic.example/spring", "source") == "clinic.example/spring"


@given(st.text())
def test_a_kept_name_is_one_line(text):
    name = parse_name(text)
    assert isinstance(name, Refusal) or (len((name + "x").splitlines()) == 1 and "=?" not in name)


@pytest.mark.parametrize("zone", ["America/Chicago", "UTC", "Australia/Lord_Howe"])
def test_a_zone_is_known_by_its_name(zone):
    assert parse_zone(zone).key == zone


@pytest.mark.parametrize("zone", ["", "Mars/Base", "../etc/passwd", "/etc/localtime", "CST", "America", "a\x00/b"])
def test_a_zone_that_does_not_exist_is_refused(zone):
    assert isinstance(parse_zone(zone), Refusal)
