"""The turn of a mail to the front desk: past five an hour, what is more is told of in one. Sends nothing."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from nurture.config.catalogue import Catalogue
from nurture.domain.campaign import Campaign, Step, Trigger
from nurture.domain.delivery_state import DeliveryState
from nurture.domain.desk import SPAN, turn_at
from nurture.domain.engine import Decision, Send, Skip, Wait
from nurture.store import desk
from nurture.store.deliveries import Delivery, delivery_by_id

# Why a mail to the desk is not sent that another tells of.
DIGEST = "digest"
# How long after a digest's turn those that it tells of look whether it went.
_LOOK_AGAIN = timedelta(minutes=1)


def in_turn(
    connection: Connection, catalogue: Catalogue, delivery: Delivery, mail: tuple[Campaign, Step], now: datetime
) -> Decision:
    """What is to happen with a mail to the desk that may go: it goes, it waits, or another has told of it.

    The first that has to wait will tell of all that come to wait after it. Each of them settles itself, under its own
    lead's lock, when that one has gone; when that one will not go, each goes by itself. A reply is no news to the desk,
    which noted it: nothing else counts it, or waits with it.
    """
    campaign, step = mail
    replies = {each.name for each in catalogue.starting_on(Trigger.REPLIED)}
    but = frozenset() if campaign.name in replies else replies
    desk.lock_desk(connection)
    digest = delivery_by_id(connection, delivery.digest_id) if delivery.digest_id is not None else None
    if digest is not None and digest.state in {DeliveryState.SENT, DeliveryState.UNCERTAIN}:
        return Skip(step, DIGEST)
    if digest is not None and _will_not_go(digest):
        desk.join_digest(connection, delivery, None)
        digest = None
    digest = digest or desk.first_waiting(connection, delivery, but)
    if digest is not None:
        desk.join_digest(connection, delivery, digest.id)
        return Wait(max(now, digest.not_before) + _LOOK_AGAIN)
    turn = turn_at(desk.told_since(connection, now - SPAN, now, but), now)
    return Send(step) if turn <= now else Wait(turn)


def _will_not_go(digest: Delivery) -> bool:
    """Tell whether the mail has ended unsent, or something of its own holds it up before it was ever tried."""
    is_held_up = digest.state is DeliveryState.QUEUED and digest.attempts == 0 and digest.reason is not None
    return is_held_up or digest.settled_at is not None
