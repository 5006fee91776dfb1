"""Makes a mail as it travels; one that cannot be made waits for what it is made of, and never counts as tried."""

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from nurture.domain.campaign import Campaign, Step
from nurture.domain.enrolment import Enrolment
from nurture.domain.errors import StoreError, TemplateError
from nurture.domain.imagined import turn_passes_at
from nurture.domain.masking import Reader
from nurture.render.mime import ascii_address, serialise
from nurture.service.compose import compose_delivery, load_mail_request
from nurture.service.runtime import Runtime
from nurture.store import deliveries, unmade
from nurture.store.deliveries import Delivery
from nurture.store.leads import lock_lead
from nurture.transport.outcome import Outgoing

# Files are not all that a mail is made of, so what cannot be made is tried again even if none of them changes.
AGAIN_AFTER = timedelta(hours=1)
UNRENDERABLE = "unrenderable"

log = logging.getLogger("nurture.make")


@dataclass(frozen=True, slots=True)
class Made:
    """The mail as it travels, its date, and whom no word about it may name."""

    outgoing: Outgoing
    dated: datetime
    reader: Reader


def make(runtime: Runtime, delivery: Delivery) -> Made | None:
    """The mail of a claimed delivery; None when it cannot be made, and then it waits."""
    try:
        request = load_mail_request(runtime, delivery)
        message = compose_delivery(runtime, delivery, request)
        envelope, sender = message.envelope, runtime.settings.mail.from_address
        outgoing = Outgoing(sender, ascii_address(envelope.recipient.address), serialise(message))
        return Made(outgoing, envelope.date, Reader(request.lead.email, request.lead.name, request.lead.phone))
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


def is_too_late(delivery: Delivery, enrolled: tuple[Campaign, Enrolment, Step], now: datetime) -> bool:
    """Tell whether a mail that could not be made has lost its use, though its step is not stale by the clock.

    One that staff sent once more is as old as their word; one about a visit gives way to the next about it.
    """
    if delivery.unmade_with is None:
        return False
    campaign, enrolment, step = enrolled
    if delivery.retried_at is not None:
        return now >= delivery.retried_at + step.stale_after
    passes_at = turn_passes_at(campaign, enrolment, step, now)
    return passes_at is not None and passes_at <= now


def try_mended(runtime: Runtime) -> None:
    """What could not be made of other files than this process has is due again."""
    with runtime.database.read() as connection:
        if not unmade.is_mended(connection, runtime.sources):
            return
    with runtime.database.begin() as connection:
        count = unmade.try_unmade(connection, runtime.clock(), sources=runtime.sources)
    log.info("config/ or templates/ have changed: %d mails that could not be made are tried again", count)
