"""Who asks on the public page, as far as limits count: a network, or the clinic's own server by its key."""

import hmac

from flask import abort, request

from nurture.domain.limits import Visitor
from nurture.domain.network import network_of


def visitor_of(signup_key: str) -> Visitor:
    """Who asks. `Authorization: Bearer KEY` vouches for the clinic's own server; another key ends in a 401."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return Visitor(network_of(request.remote_addr or ""))
    if not signup_key or not hmac.compare_digest(given.strip().encode(), signup_key.encode()):
        abort(401)
    return Visitor("")
