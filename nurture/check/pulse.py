"""Whether anybody looks at who is due and takes what is queued, and by a clock that is right."""

from collections.abc import Iterator
from datetime import datetime

from nurture.check.answer import Answer
from nurture.domain.errors import NurtureError
from nurture.runtime import Runtime
from nurture.service.readiness import PATIENCE
from nurture.store import outbox
from nurture.store.system_state import read_system_state, time_of

_START = "Start nurture worker and nurture beat, or nurture up"
LARGEST_SKEW = 60


def signs_of_life(runtime: Runtime) -> Iterator[Answer]:
    """Whether anybody looks at who is due and takes what is queued, and by a clock that is right."""
    now = runtime.clock()
    try:
        with runtime.database.read() as connection:
            swept_at, count = read_system_state(connection).swept_at, outbox.overdue(connection, now - PATIENCE)
            their_now = time_of(connection)
    except NurtureError:
        return
    yield _sweeps(swept_at, now)
    if count:
        yield Answer("queue", is_good=False, words=f"{count} waiting for minutes, and no worker comes. {_START}")
    skew = abs((now - their_now).total_seconds())
    # A clock that somebody set on purpose, as the demo does, is not held against the database's.
    if runtime.settings.clock_file is None and skew > LARGEST_SKEW:
        words = f"this machine's and the database's differ by {skew:.0f} s: mail goes at wrong hours. Set them by NTP"
        yield Answer("clock", is_good=False, words=words)


def _sweeps(swept_at: datetime | None, now: datetime) -> Answer:
    if swept_at is None:
        return Answer("sweeps", is_good=False, words=f"none so far: nothing new is sent. {_START}")
    ago = (now - swept_at).total_seconds()
    if ago < -LARGEST_SKEW:
        words = (
            f"the last one is dated {swept_at:%Y-%m-%d %H:%M} UTC, which is still to come: a clock was or is wrong, "
        )
        words += f"and whether anybody sweeps now cannot be told. Set the clocks by NTP. {_START}"
        return Answer("sweeps", is_good=False, words=words)
    if ago > PATIENCE.total_seconds():
        words = f"none since {swept_at:%Y-%m-%d %H:%M} UTC: nothing new is sent. {_START}"
        return Answer("sweeps", is_good=False, words=words)
    return Answer("sweeps", is_good=True, words=f"the last one {max(0, int(ago))} s ago")
