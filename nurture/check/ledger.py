"""What the ledger itself tells: whether it is there, and which mail waits, is in doubt or has failed."""

from collections.abc import Iterator
from datetime import timedelta

from nurture.check.answer import Answer
from nurture.domain.delivery_state import DeliveryState
from nurture.domain.errors import NurtureError
from nurture.domain.retry import Failure
from nurture.runtime import Runtime
from nurture.service.release import count_limited
from nurture.store.in_doubt import restored
from nurture.store.queries.delivery_list import count_by_state, failures_since, put_off
from nurture.store.revision import ensure_current
from nurture.store.system_state import read_system_state
from nurture.store.unmade import unmade_reasons

_RESTORED = "restored from an older copy"
_RESTORED_THEN = (
    "They may have been sent before, and unsubscribes of that time are lost. "
    "See nurture delivery list --state uncertain; nurture delivery release sends them"
)
# A failure that nobody has looked at for so long is no longer news.
LATELY = timedelta(days=30)


def ledger_state(runtime: Runtime) -> Answer:
    """Whether the ledger is there, of this version, and sure of what became of its mail."""
    try:
        ensure_current(runtime.database)
        with runtime.database.read() as connection:
            uncertain = count_by_state(connection).get(DeliveryState.UNCERTAIN, 0)
            held = len(restored(connection))
    except NurtureError as error:
        return Answer("ledger", is_good=False, words=str(error))
    if held:
        return Answer("ledger", is_good=False, words=f"{_RESTORED}: {held} mails held. {_RESTORED_THEN}")
    in_doubt = f"; {uncertain} uncertain, see nurture delivery list --state uncertain" if uncertain else ""
    return Answer("ledger", is_good=True, words=f"reachable and up to date{in_doubt}")


def sending(runtime: Runtime) -> Iterator[Answer]:
    """Whether mail is stopped because the relay is away or refuses us, or put off one by one."""
    now = runtime.clock()
    try:
        with runtime.database.read() as connection:
            system, reasons = read_system_state(connection), put_off(connection, now)
    except NurtureError:
        return
    if system.is_stopped(now):
        words = f"stopped until {system.stopped_until:%H:%M} UTC: {system.stopped_reason}"
        then = "Nothing is lost; one mail tries then, and nurture delivery release tries now"
        yield Answer("sending", is_good=False, words=f"{words}. {then}")
    if reasons:
        # "Later" is what relays say every day. Whatever else it is, somebody should look.
        ordinary = all(reason.startswith(Failure.DEFERRED) for reason in reasons)
        words = f"{len(reasons)} put off, and tried again by themselves: {reasons[0]}"
        yield Answer("put off", is_good=ordinary, words=words)


def not_sent(runtime: Runtime) -> Iterator[Answer]:
    """Whether mail waits because it cannot be made, or has failed of late."""
    try:
        with runtime.database.read() as connection:
            unmade = unmade_reasons(connection)
            failed = failures_since(connection, runtime.clock() - LATELY)
    except NurtureError:
        return
    if unmade:
        then = "They go by themselves when templates or config are mended; nurture delivery release tries now"
        yield Answer("waiting", is_good=False, words=f"{_tally(unmade, 'cannot be made')}. {then}")
    if failed:
        # People mistype their addresses every day. Whatever else it is, somebody should look.
        ordinary = all(reason.startswith(Failure.RECIPIENT_REFUSED) for reason, _ in failed)
        then = "See nurture delivery list --state failed; nurture delivery retry ID sends one once more"
        words = _tally(failed, f"failed in the last {LATELY.days} days")
        yield Answer("failed", is_good=ordinary, words=f"{words}. {then}")


def signups(runtime: Runtime) -> Iterator[Answer]:
    """Whether a limit keeps reports back that people may be waiting for; after a day it is no news any more."""
    try:
        limited, recent = count_limited(runtime)
    except NurtureError:
        return
    if limited:
        words = f"{limited} kept back by a limit, {recent} of them within a day. See nurture lead list --limited"
        yield Answer("signups", is_good=recent == 0, words=f"{words}; nurture lead release sends them")


def _tally(reasons: list[tuple[str, int]], what: str) -> str:
    total, (commonest, count) = sum(number for _, number in reasons), reasons[0]
    return f"{total} {what}, {'all' if count == total else count} for this reason: {commonest}"
