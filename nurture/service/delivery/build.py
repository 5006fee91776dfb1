"""Makes mails as they travel; one that cannot be made waits for what it is made of, and never counts as tried."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from nurture.domain.errors import StoreError, TemplateError
from nurture.domain.masking import Reader
from nurture.render.mime import ascii_address, serialise
from nurture.runtime import Runtime
from nurture.service.delivery.claim import Claimed
from nurture.service.delivery.mail_request import completed, compose_delivery
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


def build(runtime: Runtime, claimed: Iterable[Claimed]) -> list[Built]:
    """The mails of these claimed deliveries, in this order; what cannot be made is left out, and waits."""
    return [built for built in (_built(runtime, each) for each in claimed) if built is not None]


def _built(runtime: Runtime, claimed: Claimed) -> Built | None:
    """The mail of a claimed delivery; None when it cannot be made, and then it waits."""
    delivery = claimed.delivery
    try:
        request = completed(runtime, delivery, claimed.request)
        message = compose_delivery(runtime, delivery, request)
        envelope, sender = message.envelope, runtime.settings.mail.from_address
        outgoing = Outgoing(sender, ascii_address(envelope.recipient.address), serialise(message))
        reader = Reader(request.lead.email, request.lead.name, request.lead.phone)
        return Built(delivery, outgoing, envelope.date, claimed.events_seen, reader)
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
