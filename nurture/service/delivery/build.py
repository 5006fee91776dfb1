"""Makes mails as they travel; one that cannot be made waits for what it is made of, and never counts as tried."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from nurture.domain.errors import StoreError, TemplateError
from nurture.domain.masking import Reader
from nurture.mail.request import MailRequest
from nurture.render.mime import ascii_address
from nurture.runtime import Runtime
from nurture.service.delivery.claim import Claimed
from nurture.service.delivery.mail_request import completed
from nurture.service.message_id import message_id
from nurture.store import deliveries, unmade
from nurture.store.deliveries import Delivery
from nurture.store.leads import lock_lead
from nurture.transport.outcome import Outgoing

# Files are not all that a mail is made of, so what cannot be made is tried again even if none of them changes.
AGAIN_AFTER = timedelta(hours=1)
UNRENDERABLE = "unrenderable"

log = logging.getLogger("nurture.delivery")


@dataclass(frozen=True, slots=True)
class Built:
    """A claimed delivery, its mail and date, the events of its lead that its claim saw, and whom no word may name."""

    delivery: Delivery
    outgoing: Outgoing
    dated: datetime
    events_seen: int
    reader: Reader


# A mail as bytes, by what it is about, its Message-ID and its date.
Write = Callable[[MailRequest, str, datetime], bytes]


def build(runtime: Runtime, claimed: Iterable[Claimed], write: Write) -> list[Built]:
    """The mails of these claimed deliveries, in this order; what cannot be made is left out, and waits."""
    return [built for built in (_built(runtime, each, write) for each in claimed) if built is not None]


def _built(runtime: Runtime, claimed: Claimed, write: Write) -> Built | None:
    """The mail of a claimed delivery; None when it cannot be made, and then it waits."""
    delivery = claimed.delivery
    try:
        request = completed(runtime, delivery, claimed.request)
        identity = delivery.message_id or message_id(runtime, request.enrolment_public_id, request.step.name)
        # What goes again when in doubt is the same to the byte, its date included: a relay that compares mails under
        # one idempotency key must find no difference, and a reader who has it twice sees one.
        dated = delivery.in_doubt_since or runtime.clock()
        recipient = ascii_address(request.recipient.address)
        outgoing = Outgoing(runtime.settings.mail.from_address, recipient, write(request, identity, dated))
        reader = Reader(request.lead.email, request.lead.name, request.lead.phone)
        return Built(delivery, outgoing, dated, claimed.events_seen, reader)
    except StoreError:
        raise
    except Exception as error:
        _wait(runtime, delivery, error)
        return None


def _wait(runtime: Runtime, delivery: Delivery, error: Exception) -> None:
    """Whatever keeps a mail from being made is this delivery's own trouble and nobody else's."""
    reason = f"{UNRENDERABLE}: {error}"[:200]
    if reason != delivery.reason:
        foreseen = isinstance(error, TemplateError)
        log.error("delivery %d cannot be made and waits: %s", delivery.id, error, exc_info=None if foreseen else error)
    with runtime.database.begin() as connection:
        lock_lead(connection, delivery.lead_id)
        # The attempt was not the relay's, so it does not bring the mail nearer to being given up.
        waiting = replace(delivery, attempts=delivery.attempts - 1, unmade_with=runtime.sources)
        deliveries.requeue(connection, waiting, runtime.clock() + AGAIN_AFTER, reason=reason)


def try_mended(runtime: Runtime) -> None:
    """What could not be made of other files than this process has is due again."""
    with runtime.database.read() as connection:
        if not unmade.is_mended(connection, runtime.sources):
            return
    with runtime.database.begin() as connection:
        count = unmade.try_unmade(connection, runtime.clock(), sources=runtime.sources)
    log.info("config/ or templates/ have changed: %d mails that could not be made are tried again", count)
