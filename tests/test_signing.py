"""Tokens: one spelling each, one purpose each, and keys that can be rotated."""

import string

import pytest

from nurture.domain.token import Purpose
from nurture.signing import TOKEN_LENGTH, Signing

ALPHABET = string.ascii_letters + string.digits + "-_+/=.~! %"
IDS = ["a" * 20, "Zz09-_Zz09-_Zz09-_Zz", "-" * 20]


@pytest.mark.parametrize("public_id", IDS)
def test_a_token_has_one_spelling(public_id):
    signing = Signing(("key",))
    token = signing.sign(Purpose.REPORT, public_id)
    assert len(token) == TOKEN_LENGTH
    # Base64 says 16 bytes in 22 characters with four bits to spare, and decoders take "+" for "-".
    others = {token[:at] + each + token[at + 1 :] for at in range(TOKEN_LENGTH) for each in ALPHABET} - {token}
    assert [other for other in others if signing.unsign(Purpose.REPORT, other)] == []
    assert signing.unsign(Purpose.REPORT, token) == public_id


def test_a_token_of_an_older_key_is_taken_and_the_newest_signs():
    token, rotated = Signing(("old",)).sign(Purpose.REPORT, IDS[0]), Signing(("old", "new"))
    assert rotated.unsign(Purpose.REPORT, token) == IDS[0]
    assert rotated.sign(Purpose.REPORT, IDS[0]) == Signing(("new",)).sign(Purpose.REPORT, IDS[0]) != token
    assert Signing(("new",)).unsign(Purpose.REPORT, token) is None


@pytest.mark.parametrize("token", ["", ".", "é" * 43, "a" * 43, "." * 43, "\0" * 43, "a" * 20 + "." + "b" * 22])
def test_what_we_did_not_sign_names_nothing(token):
    assert Signing(("key",)).unsign(Purpose.REPORT, token) is None
