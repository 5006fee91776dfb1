"""Relays that storm, list grey, drop, drip, say nothing or too much: nothing lost, nothing twice beyond those in doubt.

Fails when a drop after the dot counts as a safe retry, when a wait has no end, and when "later" is taken for "never".
"""

import time
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from nurture.domain.message import MailKind
from nurture.service.delivery.bulk import deliver_bulk
from nurture.service.delivery.pipeline import deliver
from nurture.service.delivery.sender import Sender
from nurture.service.sweep import sweep
from nurture.store import deliveries, outbox
from nurture.store.queries.delivery_list import listed
from nurture.transport.conversation import Timeouts
from nurture.transport.outcome import Accepted, Failed, InDoubt, Outgoing
from nurture.transport.smtp import SmtpTransport
from nurture.transport.smtp_url import SmtpUrl, Tls
from tests.crash.cluster import NOON, Cluster, at_full_length, times
from tests.crash.oracle import judge
from tests.transport.scripted_relay import DROP, SILENT, TAKE_AND_DROP

MAIL = Outgoing("care@clinic.example", "ann@example.com", b"Message-ID: <a@b>\r\n\r\nHello\r\n")
# A hundredth of the real ones: nine minutes last five seconds and a half.
FAST = Timeouts(connect=0.15, command=0.6, before_dot=2.4, dot=6.0)


def quick(cluster: Cluster, timeouts: Timeouts = FAST):
    transport = SmtpTransport(SmtpUrl("127.0.0.1", cluster.oracle.port, Tls.NONE), timeouts)
    return replace(cluster.runtime, transport=transport)


def work_on(runtime, cluster: Cluster, hours: float = 0) -> None:
    """What is due at noon is tried for so many hours, the clock stepping from one attempt to the next."""
    clock = [NOON]
    runtime = replace(runtime, clock=lambda: clock[0])
    # Once, so that no later step of the drip joins in.
    sweep(runtime)
    while clock[0] <= NOON + timedelta(hours=hours):
        with runtime.database.read() as connection:
            ready = outbox.undispatched(connection, clock[0], 100_000)
        for number in ready or _queued(runtime, clock[0]):
            deliver(runtime, number)
        with runtime.database.read() as connection:
            following = deliveries.next_attempt_at(connection)
        if following is None:
            return
        clock[0] = max(following, clock[0] + timedelta(seconds=1))


def _queued(runtime, now) -> list[int]:
    with runtime.database.read() as connection:
        rows = listed(connection, state="queued", limit=100_000)
    return [each.delivery.id for each in rows if each.delivery.not_before <= now]


def every(number: int, bad: str, good: str):
    """A reply that is bad except each time `number` comes round."""
    calls = [0]

    def reply() -> str:
        calls[0] += 1
        return good if calls[0] % number == 0 else bad

    return reply


WEATHER = {
    "421 storm": ("MAIL", lambda: every(3, "421 4.3.2 too busy", "250 ok")),
    "421 at the greeting": ("CONNECT", lambda: every(4, "421 closing", "220 ready")),
    "greylisting": ("RCPT", lambda: every(2, "451 4.7.1 come back later", "250 ok")),
    "452 after the dot": ("DOT", lambda: every(3, "452 4.3.1 full", "250 taken")),
    "dropped before the dot": ("DATA", lambda: every(3, DROP, "354 go on")),
    "garbage": ("RCPT", lambda: every(3, "\x00\x01 banana", "250 ok")),
    "1 MB of a banner": ("CONNECT", lambda: every(3, "220-" + "x" * 1_000_000, "220 ready")),
    "1 MB of lines": ("CONNECT", lambda: every(3, "220-hello\r\n" * 100_000 + "220 ready", "220 ready")),
}


@pytest.mark.parametrize("weather", WEATHER)
def test_bad_weather_loses_nothing_and_doubles_nothing(cluster, weather, figures):
    at_full_length(unless=cluster.is_sqlite)
    leads = times(300, 9)
    verb, script = WEATHER[weather]
    cluster.enrol(leads)
    cluster.oracle.script[verb] = script()
    runtime = quick(cluster)
    with closing(runtime.transport):
        work_on(runtime, cluster, hours=120)
    verdict = judge(runtime, cluster.oracle)
    figures(f"{verdict}")
    assert verdict.settled == leads
    assert verdict.holds(0), verdict
    assert cluster.oracle.count() == leads


@pytest.mark.parametrize("fate", [DROP, TAKE_AND_DROP])
def test_the_line_drops_after_the_dot(cluster, fate, figures):
    drops = times(1_000, 12)
    cluster.enrol(drops)
    cluster.oracle.script["DOT"] = fate
    runtime = quick(cluster)
    with closing(runtime.transport):
        sweep(runtime)
        for number in _queued(runtime, NOON):
            deliver(runtime, number)
        cluster.oracle.script.clear()
        work_on(runtime, cluster)
    verdict = judge(runtime, cluster.oracle)
    figures(f"{drops} drops, {verdict}")
    assert verdict.holds(drops, 1), verdict
    assert verdict.in_doubt == drops


@pytest.mark.parametrize("fate", [DROP, TAKE_AND_DROP])
def test_the_line_drops_after_the_dot_in_bulk(cluster, fate, figures):
    """Every other mail: the answer that never came is a doubt, whatever became of the mails beside it."""
    mails = times(1_000, 24)
    cluster.enrol(mails, (MailKind.NURTURE,))
    cluster.oracle.script["DOT"] = every(2, fate, "250 taken")
    runtime = quick(cluster)
    sweep(runtime)
    sender = Sender(runtime)
    deliver_bulk(sender, _queued(runtime, NOON), lambda: False)
    sender.close(10)
    verdict = judge(runtime, cluster.oracle)
    figures(f"{verdict}")
    assert verdict.holds(mails // 2, 1), verdict
    assert verdict.in_doubt == mails // 2


@pytest.mark.parametrize("verb", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA"])
def test_silence_frees_the_slot_within_its_timeout(oracle, verb):
    oracle.script[verb] = SILENT
    began = time.monotonic()
    with closing(SmtpTransport(SmtpUrl("127.0.0.1", oracle.port, Tls.NONE), FAST)) as transport:
        assert isinstance(transport.hand_over(MAIL, lambda: True), Failed)
    assert time.monotonic() - began < FAST.before_dot + 0.5


def test_a_slow_loris_frees_the_slot_within_its_timeout(oracle):
    began = time.monotonic()
    with closing(SmtpTransport(SmtpUrl("127.0.0.1", oracle.port, Tls.NONE), FAST)) as transport:
        oracle.drip = 0.1
        assert isinstance(transport.hand_over(MAIL, lambda: True), Failed)
    assert time.monotonic() - began < FAST.before_dot + 0.5


@pytest.mark.parametrize(("minutes", "outcome"), [(9, Accepted), (11, InDoubt)])
def test_the_final_reply_is_waited_for_ten_minutes_on_a_fast_clock(oracle, minutes, outcome):
    oracle.script["DOT"] = lambda: time.sleep(minutes * 60 / 100) or "250 taken"
    with closing(SmtpTransport(SmtpUrl("127.0.0.1", oracle.port, Tls.NONE), FAST)) as transport:
        assert isinstance(transport.hand_over(MAIL, lambda: True), outcome)
    assert Timeouts().dot == 100 * FAST.dot == 600
