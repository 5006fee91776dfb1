import pytest

from nurture.domain.limits import Counts, Limit, Limits, limit_reached, mailbox_of

LIMITS = Limits(1, 3, 20, 30, 300, frozenset())


@pytest.mark.parametrize(
    "spelling",
    ["ann.smith@gmail.com", "AnnSmith@GMail.com", "ann.smith+x@googlemail.com", "a.n.n.smith+1+2@gmail.com"],
)
def test_spellings_of_one_mailbox_count_as_one(spelling):
    assert mailbox_of(spelling) == "annsmith@gmail.com"


@pytest.mark.parametrize("spelling", ["ann-smith@pm.me", "Ann.Smith@protonmail.com", "a_nnsmith+x@proton.me"])
def test_what_a_provider_does_not_look_at_is_not_counted(spelling):
    assert mailbox_of(spelling) == "annsmith@proton.me"


def test_apples_three_domains_are_one():
    assert {mailbox_of(f"ann+1@{domain}") for domain in ("icloud.com", "me.com", "mac.com")} == {"ann@icloud.com"}


@pytest.mark.parametrize("domain", ["fastmail.com", "fastmail.fm"])
def test_every_name_at_a_mailbox_of_its_own_subdomain_is_that_mailbox(domain):
    spellings = (f"Ann@{domain}", f"ann+1@{domain}", f"any.thing@ann.{domain}", f"other+1@Ann.{domain}")
    assert {mailbox_of(each) for each in spellings} == {f"ann@{domain}"}
    assert mailbox_of(f"ann@ben.{domain}") != f"ann@{domain}"
    assert mailbox_of("ann@ben.example.com") == "ann@ben.example.com"


def test_elsewhere_dots_make_another_mailbox_and_a_tag_does_not():
    assert mailbox_of("Ann.Smith+list@example.com") == "ann.smith@example.com"
    assert mailbox_of("annsmith@example.com") != mailbox_of("ann.smith@example.com")
    assert mailbox_of("+only@example.com") == "+only@example.com"


@pytest.mark.parametrize(
    ("counts", "limit"),
    [
        (Counts(0, 2, 19, 29, 299), None),
        (Counts(1, 1, 1, 1, 1), Limit.REPORT),
        (Counts(0, 3, 3, 3, 3), Limit.MAILBOX),
        (Counts(0, 0, 20, 0, 20), Limit.NETWORK),
        (Counts(0, 0, 0, 30, 30), Limit.DOMAIN),
        (Counts(0, 0, 0, 0, 300), Limit.ALL),
        (Counts(9, 9, 99, 99, 999), Limit.REPORT),
    ],
)
def test_the_first_limit_without_room_is_named(counts, limit):
    assert limit_reached(counts, LIMITS) is limit
