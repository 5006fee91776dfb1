"""Signed tokens for links. Opaque, bound to one purpose, 43 characters, so that no mail header is ever folded."""

import hmac
from functools import lru_cache
from hashlib import sha256

from itsdangerous import Signer
from itsdangerous.signer import HMACAlgorithm

from nurture.domain.token import Purpose

# 20 characters of id, a dot and 22 characters of signature: RFC 2047 folding starts to threaten past 77 in a header.
TOKEN_LENGTH = 43
_MAC_BYTES = 16


class _ShortHmac(HMACAlgorithm):
    """HMAC-SHA-256 cut to 128 bits (RFC 2104 5 allows half the digest)."""

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        return super().get_signature(key, value)[:_MAC_BYTES]


class Signing:
    """Signs with the last of the keys and accepts all of them, so that keys can be rotated."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        if not keys:
            raise ValueError("signing needs a key")
        self._keys = keys

    def sign(self, purpose: Purpose, public_id: str) -> str:
        """The token that names `public_id` for this purpose."""
        return _signer(self._keys[-1], purpose).sign(public_id).decode()

    def unsign(self, purpose: Purpose, token: str) -> str | None:
        """The public id that the token names, or None when it was not signed by us for this purpose."""
        if len(token) != TOKEN_LENGTH or not token.isascii():
            return None
        public_id = token.rpartition(".")[0]
        # Signed anew and compared as text: decoding the signature would take other spellings of it (RFC 4648 3.5).
        signed = [_signer(key, purpose).sign(public_id) for key in self._keys]
        return public_id if any(hmac.compare_digest(token.encode(), each) for each in signed) else None

    def address_digest(self, email: str) -> str:
        """The fingerprint by which a suppression knows an address, long after the address is forgotten."""
        return self.keyed_digest(f"address {email}")

    def keyed_digest(self, text: str) -> str:
        """A keyed fingerprint of a text, the same for as long as the first key stays first."""
        return hmac.new(self._keys[0].encode(), text.encode(), sha256).hexdigest()[:32]

    @property
    def fingerprint(self) -> str:
        """Tells first keys apart and gives none away."""
        return self.keyed_digest("first key")


# It derives a key of its own for each purpose, and every link of a mail is signed.
@lru_cache(64)
def _signer(key: str, purpose: Purpose) -> Signer:
    return Signer(key, salt=f"nurture.{purpose}", algorithm=_ShortHmac(sha256))
