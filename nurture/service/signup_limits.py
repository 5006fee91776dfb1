"""Whether a signup from the public page is within the limits; if so, it is counted, in the signup's own transaction."""

import logging
from datetime import datetime

from sqlalchemy import Connection

from nurture.domain.limits import Limit, Visitor, limit_reached, mailbox_of
from nurture.runtime import Runtime
from nurture.store.signups import Asker, add_signup, count_signups, forget_signups, lock_signups

log = logging.getLogger("nurture.signup")


def limit_for(connection: Connection, runtime: Runtime, asker: Asker, now: datetime) -> Limit | None:
    """The limit that the signup is past; None when it is within them all, and counted. Call with the lead locked."""
    # Looked at first without the lock, so that a flood that is past its limits holds up nobody who is not.
    limit = _reached(connection, runtime, asker, now)
    if limit is None:
        lock_signups(connection)
        limit = _reached(connection, runtime, asker, now)
    if limit is None:
        add_signup(connection, asker, now)
    return limit


def asker_of(runtime: Runtime, visitor: Visitor, email: str, report: str) -> Asker:
    """What of the visitor and the address is counted: nothing that says who it is."""

    def digest(text: str) -> str:
        return runtime.signing.keyed_digest(f"signup {text}")

    domain = email.rpartition("@")[2]
    is_great = domain in runtime.settings.web.limits.great_providers
    return Asker(
        mailbox=digest(mailbox_of(email)),
        report=report,
        network=digest(visitor.network) if visitor.network else None,
        domain=digest(domain) if visitor.network and not is_great else None,
    )


def forget_old_signups(runtime: Runtime) -> None:
    """Who asked more than a day ago is no longer known to have asked from anywhere."""
    with runtime.database.begin() as connection:
        forget_signups(connection, runtime.clock())


def _reached(connection: Connection, runtime: Runtime, asker: Asker, now: datetime) -> Limit | None:
    return limit_reached(count_signups(connection, asker, now), runtime.settings.web.limits)
