"""The name by which the world knows one delivery, made once when it is decided on and kept with it."""

from nurture.runtime import Runtime
from nurture.store.deliveries import set_message_ids, without_message_id

# One transaction\'s worth.
BATCH = 1000


def message_id(runtime: Runtime, enrolment_public_id: str, step: str) -> str:
    """The delivery's Message-ID: the same at every attempt, and nobody else's (RFC 5322 3.6.4).

    Made of the enrolment's public id and the step, because a database restored from an older copy gives its row
    numbers out anew, and a relay that knows a mail by its key would then swallow somebody else's.
    """
    digest = runtime.signing.keyed_digest(f"delivery {enrolment_public_id} {step}")
    return f"<{digest}@{runtime.settings.mail.from_address.partition('@')[2]}>"


def fill_message_ids(runtime: Runtime) -> None:
    """Deliveries that an older version wrote down have their Message-ID, the one that their mail went out with."""
    while True:
        with runtime.database.begin() as connection:
            found = without_message_id(connection, BATCH)
            if not found:
                return
            set_message_ids(connection, {number: message_id(runtime, *made_of) for number, *made_of in found})
