"""The name by which the world knows one delivery. Reads no table: lists show it without composing a mail."""

from nurture.service.runtime import Runtime


def message_id(runtime: Runtime, enrolment_public_id: str, step: str) -> str:
    """The delivery's Message-ID: the same at every attempt, and nobody else's (RFC 5322 3.6.4).

    Made of the enrolment's public id and the step, because a database restored from an older copy gives its row
    numbers out anew, and a relay that knows a mail by its key would then swallow somebody else's.
    """
    digest = runtime.signing.keyed_digest(f"delivery {enrolment_public_id} {step}")
    return f"<{digest}@{runtime.settings.mail.from_address.partition('@')[2]}>"
