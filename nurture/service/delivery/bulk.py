"""The way of mail that nobody waits for: in sets, over all the connections that a process holds to the relay.

It is the way that pipeline.py tells, with a list in every place. While one set is on its way the next is claimed and
built, and what has ended is settled; what is claimed and not sent never waits longer than a lease allows.
"""

import time
from collections.abc import Callable
from itertools import islice

from nurture.service.delivery.build import build
from nurture.service.delivery.claim import claim, release
from nurture.service.delivery.sender import Sender
from nurture.service.delivery.settle import settle
from nurture.store import outbox

# One transaction's worth of mails. A claim of 100 holds its leads' locks for some 20 ms.
SET = 100
# Seconds. A set that takes longer to leave is followed by a smaller one, down to a mail a connection: so the last mail
# of a set still has most of its lease (five minutes) when its turn comes.
LONGEST_SET = 20.0
# Seconds without any news after which all that is left waits for the relay's last word, and the sender's thread for it.
PATIENCE = 1.0


def deliver_bulk(sender: Sender, ids: list[int], must_stop: Callable[[], bool]) -> None:
    """Each delivery is settled, waits, or is in the hands of the sender. What is left when `must_stop` goes later."""
    left, size = iter(ids), SET
    with sender.attended():
        while not must_stop() and (batch := list(islice(left, size))):
            began = time.monotonic()
            sender.send(build(sender.runtime, claim(sender.runtime, batch), sender.write))
            _settle_while(sender, size // 2, must_stop)
            size = _next_size(sender, size, time.monotonic() - began)
        if must_stop():
            release(sender.runtime, sender.take_back())
        _settle_while(sender, 0, lambda: False)
        _settle_the_rest(sender)
    _put_back(sender, list(left))


def _settle_while(sender: Sender, most: int, must_stop: Callable[[], bool]) -> None:
    """No more than `most` mails have not begun; what ended meanwhile is settled."""
    while sender.waiting > most and not must_stop():
        settle(sender.runtime, sender.ended(SET // 2, 0.05))


def _settle_the_rest(sender: Sender) -> None:
    """All have ended, or every one that is left waits for the relay's last word."""
    is_news = True
    while is_news and sender.in_hand:
        ended = sender.ended(min(SET, sender.in_hand), PATIENCE)
        settle(sender.runtime, ended)
        is_news = bool(ended)
    settle(sender.runtime, sender.ended(0, 0))


def _next_size(sender: Sender, size: int, seconds: float) -> int:
    least = sender.runtime.settings.worker.connections
    return max(least, size // 2) if seconds > LONGEST_SET else min(SET, size * 2)


def _put_back(sender: Sender, ids: list[int]) -> None:
    """No hint is on its way for what has not begun."""
    if ids:
        with sender.runtime.database.begin() as connection:
            outbox.mark_undispatched(connection, ids)
