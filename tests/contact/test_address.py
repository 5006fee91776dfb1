import pytest

from nurture.contact.address import parse_address
from nurture.domain.errors import Refusal


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ann@Example.COM ", "ann@example.com"),
        ("o'brien+back@mail.example.org", "o'brien+back@mail.example.org"),
        ("jo@bücher.example", "jo@xn--bcher-kva.example"),
    ],
)
def test_an_address_is_kept_in_one_form(typed, kept):
    assert parse_address(typed) == kept


BAD_ADDRESSES = [
    *("", "ann", "ann@", "@example.com", "a b@example.com", "ann@example", "ann@-x.com", "a..b@x.com", "é@x.com"),
    *("ann@x.com\nBcc: y@z.com", "ann@[1.2.3.4]", "x" * 65 + "@example.com", "ann@1.2.3.4", "a@b@c.com", "a\x00@x.com"),
]


@pytest.mark.parametrize("typed", BAD_ADDRESSES)
def test_a_malformed_address_is_refused_with_a_sentence(typed):
    refusal = parse_address(typed)
    assert isinstance(refusal, Refusal)
    assert "nothing was saved" in refusal.sentence
    assert refusal.sentence.isprintable()


# Under the rules of 2003 each of these was mailed to the owner of another domain.
@pytest.mark.parametrize(
    ("domain", "kept", "mailed_before"),
    [
        ("faß.de", "xn--fa-hia.de", "fass.de"),
        ("βόλος.com", "xn--nxasmm1c.com", "xn--nxasmq6b.com"),
        ("ශ්\u200dරී.com", "xn--10cl1a0b660p.com", "xn--10cl1a0b.com"),
        ("\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.com", "xn--mgba3gch31f060k.com", "xn--mgba3gch31f.com"),
    ],
)
def test_a_domain_is_read_by_the_rules_of_2008(domain, kept, mailed_before):
    assert domain.encode("idna").decode() == mailed_before
    assert parse_address(f"a@{domain}") == f"a@{kept}"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a@BÜCHER.Example", "a@xn--bcher-kva.example"),
        ("a@ex\uff0eample\u3002com", "a@ex.ample.com"),
        ("a@xn--fa-hia.de", "a@xn--fa-hia.de"),
        ("a@r3---sn.example", "a@r3---sn.example"),
    ],
)
def test_other_spellings_of_one_domain_are_one(typed, kept):
    assert parse_address(typed) == kept


@pytest.mark.parametrize("domain", ["a\u200cb.com", "☃.com", "a_b.com", "ü..com", "ü" * 300 + ".com", "ü.1"])
def test_a_domain_that_nobody_can_own_is_refused(domain):
    assert isinstance(parse_address(f"a@{domain}"), Refusal)
