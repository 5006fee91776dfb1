import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.contact.spelling import probably_meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        *((f"{each}.com", "gmail.com") for each in ("gmial", "gamil", "gmai", "gmaill", "gnail")),
        *((f"gmail.{each}", "gmail.com") for each in ("con", "co", "cm", "comm")),
        ("hotmial.com", "hotmail.com"),
        ("yaho.com", "yahoo.com"),
        ("comcast.ent", "comcast.net"),
        ("leads.exmaple", "leads.example"),
        ("clinic.cmo", "clinic.com"),
        ("aol.con", "aol.com"),
        ("aol.cm", "aol.com"),
        ("msn.co", "msn.com"),
        ("att.ne", "att.net"),
        ("sbcglobal.com", "sbcglobal.net"),
        ("comcast.com", "comcast.net"),
        ("gmail.net", "gmail.com"),
    ],
)
def test_a_slip_is_noticed_and_what_was_meant_is_named(typed, meant):
    assert probably_meant(f"ann@{typed}") == f"ann@{meant}"


RIGHT = ["gmail.com", "mail.com", "email.com", "hotmail.co.uk", "hotmail.com.br", "yahoo.ca", "gmx.de", "protonmail.ch"]
RIGHT += ["att.com", "aol.de", "gmx.com", "live.nl", "live.de", "cox.co.uk", "mail.co", "att.net", "comcast.net"]
RIGHT += ["aol.com", "ms.com", "al.com", "clinic.example", "leads.care", "x.co", "x.cam", "x.xn--p1ai", "corp.internal"]


@pytest.mark.parametrize("domain", RIGHT)
def test_nobody_is_asked_about_a_right_address(domain):
    assert probably_meant(f"ann@{domain}") == ""


@given(st.from_regex(r"[a-z0-9-]{1,12}(\.[a-z0-9-]{1,8}){1,2}", fullmatch=True))
def test_what_was_meant_is_never_asked_about_again(domain):
    meant = probably_meant(f"ann@{domain}")
    assert not meant or probably_meant(meant) == ""
