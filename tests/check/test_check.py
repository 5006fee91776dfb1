"""`nurture check` notices an installation that stands still: nobody sweeps, nobody delivers, or the clock is wrong."""

from dataclasses import replace
from datetime import timedelta
from itertools import takewhile

import pytest

from nurture.check import check_installation
from nurture.check.addresses import addresses
from nurture.clock import system_clock
from nurture.domain.retry import Failure
from nurture.service.request import Request
from nurture.service.signup import sign_up
from nurture.service.sweep import sweep
from nurture.transport.outcome import Failed


def answers(runtime):
    """What is said before the broker is asked: the templates, which come last, take their time."""
    said = takewhile(lambda each: each.subject != "broker", check_installation(runtime, "redis://127.0.0.1:1/0"))
    return {each.subject: each for each in said}


def test_an_installation_that_nobody_has_swept_yet_is_told_how_to_start(any_installation):
    sweeps = answers(any_installation.runtime)["sweeps"]
    assert (sweeps.is_good, sweeps.words[:12]) == (False, "none so far:")
    assert "nurture beat" in sweeps.words


def test_sweeps_that_stopped_are_noticed_after_minutes(any_installation):
    installation = any_installation
    sweep(installation.runtime)
    installation.clock.forward(seconds=8)
    assert answers(installation.runtime)["sweeps"].words == "the last one 8 s ago"
    installation.clock.forward(minutes=5)
    sweeps = answers(installation.runtime)["sweeps"]
    assert not sweeps.is_good
    assert "none since 2026-03-02 16:17 UTC" in sweeps.words


@pytest.mark.parametrize(("ahead", "good"), [(30, True), (120, False), (86_400 * 365, False)])
def test_a_sweep_that_is_still_to_come_tells_nothing_of_now(any_installation, ahead, good):
    installation = any_installation
    installation.clock.forward(seconds=ahead)
    sweep(installation.runtime)
    installation.clock.forward(seconds=-ahead)
    sweeps = answers(installation.runtime)["sweeps"]
    assert sweeps.is_good is good
    assert ("the last one 0 s ago" if good else "still to come") in sweeps.words


def test_mail_that_no_worker_takes_is_noticed(any_installation):
    installation = any_installation
    sign_up(installation.runtime, Request("ann@example.com", "lumbar-sciatica"))
    assert "queue" not in answers(installation.runtime)
    installation.clock.forward(minutes=6)
    sweep(installation.runtime)
    assert answers(installation.runtime)["queue"].words.startswith("1 waiting for minutes")
    installation.work()
    assert "queue" not in answers(installation.runtime)


@pytest.mark.parametrize(
    ("answer", "ordinary"),
    [
        (Failed(Failure.DEFERRED, "451 4.7.1 greylisted"), True),
        (Failed(Failure.POLICY_REFUSED, "554 5.7.1 Relay access denied"), False),
        (Failed(Failure.UNREACHABLE, "Connection refused"), False),
    ],
)
def test_mail_that_is_put_off_is_told_with_what_the_relay_said(any_installation, answer, ordinary):
    installation = any_installation
    installation.transport.answers = [answer]
    sign_up(installation.runtime, Request("ann@example.com", "lumbar-sciatica"))
    installation.work()
    told = answers(installation.runtime)["put off"]
    assert told.is_good is ordinary
    assert told.words == f"1 put off, and tried again by themselves: {answer.failure}: {answer.reply}"
    installation.clock.forward(minutes=2)
    installation.work()
    assert "put off" not in answers(installation.runtime)
    assert installation.sent() == ["lumbar-sciatica/report"]


@pytest.mark.parametrize(("ahead", "noticed"), [(5, False), (90, True), (-4000, True)])
def test_a_clock_that_differs_from_the_databases_is_noticed(any_installation, ahead, noticed):
    clock = lambda: system_clock() + timedelta(seconds=ahead)  # noqa: E731
    assert ("clock" in answers(replace(any_installation.runtime, clock=clock))) is noticed


@pytest.mark.parametrize(
    ("desk", "good", "words"),
    [
        ("", True, "nobody is told"),
        ("desk@clinic.example", False, "still the example"),
        ("desk@clinic.org", True, "set"),
    ],
)
def test_whoever_mails_for_real_is_asked_where_the_desk_reads(installation, desk, good, words):
    settings = replace(installation.runtime.settings, desk_address=desk, smtp_url="smtp://relay.example.net")
    [answer] = [each for each in addresses(settings) if each.subject == "desk address"]
    assert (answer.is_good, words in answer.words) == (good, True)
