"""Looks over an installation: what works, what does not, and what to do about it. Changes nothing."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from nurture.domain.enrolment import DeliveryState
from nurture.domain.errors import NurtureError
from nurture.domain.retry import Failure
from nurture.domain.secret_key import HOW_TO_MAKE_ONE, weakness_of
from nurture.own_folder import open_to_others
from nurture.render.check.finding import faults
from nurture.render.contrast import too_faint
from nurture.service.addresses_set import addresses
from nurture.service.answer import Answer
from nurture.service.broker_probe import broker_trouble
from nurture.service.readiness import PATIENCE
from nurture.service.release import limited_leads
from nurture.service.runtime import Runtime, smtp_url
from nurture.service.secret_key import key_problem, own_key
from nurture.service.verdict import verdict
from nurture.store import hints
from nurture.store.delivery_list import count_by_state, failures_since, put_off
from nurture.store.doubts import restored
from nurture.store.revision import ensure_current
from nurture.store.standing import read_standing, time_of
from nurture.store.unmade import unmade_reasons
from nurture.transport.outcome import LONGEST_WORDS, Accepted, Failed
from nurture.transport.smtp import SmtpTransport

_RESTORED = "restored from an older copy"
_RESTORED_THEN = (
    "They may have been sent before, and unsubscribes of that time are lost. "
    "See nurture delivery list --state uncertain; nurture delivery release sends them"
)
_START = "Start nurture worker and nurture beat, or nurture up"
LARGEST_SKEW = 60
# A failure that nobody has looked at for so long is no longer news.
LATELY = timedelta(days=30)


def check_up(runtime: Runtime, broker: str) -> Iterator[Answer]:
    """Each part of the installation in turn."""
    yield _ledger(runtime)
    yield from _sending(runtime)
    yield from _not_sent(runtime)
    yield from _pulse(runtime)
    yield from _signups(runtime)
    yield _files(runtime)
    yield _broker(broker)
    yield _relay(runtime)
    if runtime.settings.rehearsal:
        yield Answer("rehearsal", is_good=True, words=runtime.settings.rehearsal)
    yield from addresses(runtime.settings)
    yield _secret_key(runtime)
    faint = too_faint(runtime.settings.brand.colors)
    yield Answer("colors", not faint, f"{faint[0]}: see [brand] in config/nurture.toml" if faint else "easy to read")
    yield _templates(runtime)


def _templates(runtime: Runtime) -> Answer:
    """Whether the mails may go out. Advice is no reason against it."""
    findings = verdict(runtime)
    to_mend = len(faults(findings))
    if to_mend:
        words = f"{to_mend} to mend, and until then nurture campaign enqueue refuses: nurture template check"
        return Answer("templates", is_good=False, words=words)
    advice = f"; {len(findings)} to consider: nurture template check" if findings else ""
    return Answer("templates", is_good=True, words=f"no fault in any mail, for any sort of reader{advice}")


def _ledger(runtime: Runtime) -> Answer:
    try:
        ensure_current(runtime.database)
        with runtime.database.read() as connection:
            uncertain = count_by_state(connection).get(DeliveryState.UNCERTAIN, 0)
            held = len(restored(connection))
    except NurtureError as error:
        return Answer("ledger", is_good=False, words=str(error))
    if held:
        return Answer("ledger", is_good=False, words=f"{_RESTORED}: {held} mails held. {_RESTORED_THEN}")
    doubt = f"; {uncertain} uncertain, see nurture delivery list --state uncertain" if uncertain else ""
    return Answer("ledger", is_good=True, words=f"reachable and up to date{doubt}")


def _sending(runtime: Runtime) -> Iterator[Answer]:
    """Whether mail is stopped because the relay is away or refuses us, or put off one by one."""
    now = runtime.clock()
    try:
        with runtime.database.read() as connection:
            standing, reasons = read_standing(connection), put_off(connection, now)
    except NurtureError:
        return
    if standing.is_stopped(now):
        words = f"stopped until {standing.stopped_until:%H:%M} UTC: {standing.stopped_reason}"
        then = "Nothing is lost; one mail tries then, and nurture delivery release tries now"
        yield Answer("sending", is_good=False, words=f"{words}. {then}")
    if reasons:
        # "Later" is what relays say every day. Whatever else it is, somebody should look.
        ordinary = all(reason.startswith(Failure.DEFERRED) for reason in reasons)
        words = f"{len(reasons)} put off, and tried again by themselves: {reasons[0]}"
        yield Answer("put off", is_good=ordinary, words=words)


def _not_sent(runtime: Runtime) -> Iterator[Answer]:
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


def _tally(reasons: list[tuple[str, int]], what: str) -> str:
    total, (commonest, count) = sum(number for _, number in reasons), reasons[0]
    return f"{total} {what}, {'all' if count == total else count} for this reason: {commonest}"


def _pulse(runtime: Runtime) -> Iterator[Answer]:
    """Whether anybody looks at who is due and takes what is queued, and by a clock that is right."""
    now = runtime.clock()
    try:
        with runtime.database.read() as connection:
            swept_at, count = read_standing(connection).swept_at, hints.overdue(connection, now - PATIENCE)
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


def _signups(runtime: Runtime) -> Iterator[Answer]:
    """Whether a limit keeps reports back that people may be waiting for."""
    try:
        count = len(limited_leads(runtime))
    except NurtureError:
        return
    if count:
        words = f"{count} kept back by a limit: nurture lead list --limited; nurture lead release sends them"
        yield Answer("signups", is_good=False, words=words)


def _files(runtime: Runtime) -> Answer:
    """Whether other users of this machine can read what is the clinic's and its leads' alone."""
    found = open_to_others(runtime.settings.var)
    if not found:
        return Answer("files", is_good=True, words="closed to other users of this machine")
    others = f" and {len(found) - 1} more" if len(found) > 1 else ""
    words = f"{found[0]}{others}: open to other users of this machine. The next start closes what is yours"
    return Answer("files", is_good=False, words=f"{words}; the rest needs its owner: chmod -R go= {found[0]}")


def _broker(url: str) -> Answer:
    trouble = broker_trouble(url, 2)
    if trouble:
        words = f"does not answer ({trouble}): mail waits in the ledger. Start it, or nurture up"
        return Answer("broker", is_good=False, words=words)
    return Answer("broker", is_good=True, words="answers")


def _relay(runtime: Runtime) -> Answer:
    if runtime.settings.is_captured:
        return Answer("relay", is_good=True, words="none configured: mail stays in the local inbox (NURTURE_SMTP_URL)")
    outcome = SmtpTransport(smtp_url(runtime.settings)).check()
    match outcome:
        case Accepted():
            return Answer("relay", is_good=True, words="reached, secured and logged in")
        case Failed(_, reply):
            return Answer(
                "relay", is_good=False, words=f"cannot be used: {reply[:LONGEST_WORDS]}. Mail waits in the ledger"
            )
        case _:
            return Answer("relay", is_good=False, words="gave no clear answer. Mail waits in the ledger")


def _secret_key(runtime: Runtime) -> Answer:
    settings = runtime.settings
    try:
        problem = key_problem(settings, runtime.database, runtime.signing)
    except NurtureError:
        # Whether it is the right one cannot be told; the ledger's own answer says why.
        problem = None
    if problem:
        return Answer("secret key", is_good=False, words=problem.rstrip("."))
    where = "from the environment" if settings.secret_keys else f"made by this installation, in {own_key(settings)}"
    words = f"{where}; it belongs into your backup, beside the database: without it no link already mailed opens"
    weakness = next(filter(None, map(weakness_of, settings.secret_keys)), None)
    if weakness:
        words = f"{words}. It {weakness}, and is refused once mail leaves this machine. Make one: {HOW_TO_MAKE_ONE}"
    return Answer("secret key", is_good=True, words=words)
