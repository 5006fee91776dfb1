"""How often the front desk is written to: at once, but no more than it can read."""

from collections.abc import Sequence
from datetime import datetime, timedelta

#: So many mails in so long a time go to the desk at once. What is more waits, and is told of in one.
MOST, SPAN = 5, timedelta(hours=1)


def turn_at(told: Sequence[datetime], now: datetime) -> datetime:
    """The instant (UTC) from which the next mail may go, when these went before, oldest first; `now` when it may."""
    return now if len(told) < MOST else max(now, told[-MOST] + SPAN)
