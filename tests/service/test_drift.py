"""Processes that know different campaigns, because somebody edits config/ while they run: nobody loses a mail by it."""

from dataclasses import replace

from nurture.domain.retry import Failure
from nurture.service.delivery.pipeline import deliver
from nurture.service.request import Request
from nurture.service.signup import sign_up
from nurture.service.sweep import sweep
from nurture.transport.outcome import Failed

DRIP = "lumbar-sciatica"


def knowing(runtime, **campaigns):
    """The runtime of a process that knows these campaigns alone."""
    return replace(runtime, catalogue=replace(runtime.catalogue, campaigns=campaigns))


def with_steps(installation, change):
    drip = installation.runtime.catalogue.campaigns[DRIP]
    return knowing(installation.runtime, **{DRIP: replace(drip, steps=change(drip.steps))})


def ask(installation):
    sign_up(installation.runtime, Request("ann@example.com", DRIP))


def test_a_worker_that_does_not_know_a_campaign_yet_leaves_its_mail_to_others(any_installation):
    installation = any_installation
    old = knowing(installation.runtime)
    ask(installation)
    deliver(old, 1)
    assert installation.ledger() == [(f"{DRIP}/report", "queued", "campaign_gone")]
    installation.clock.forward(minutes=61)
    installation.work()
    assert installation.sent() == [f"{DRIP}/report"]


def test_a_sweep_that_does_not_know_a_campaign_ends_nothing(any_installation):
    installation = any_installation
    ask(installation)
    installation.work()
    installation.clock.forward(days=1)
    sweep(knowing(installation.runtime))
    installation.clock.forward(minutes=61)
    installation.work()
    assert installation.sent() == [f"{DRIP}/report", f"{DRIP}/dry-needling"]


def test_a_step_put_before_one_that_waits_takes_nothing_away(any_installation):
    installation = any_installation
    ask(installation)
    installation.work()
    installation.transport.answers = [Failed(Failure.DEFERRED, "451 later")]
    installation.clock.forward(days=1)
    installation.work()
    installation.runtime = with_steps(installation, lambda steps: (steps[0], replace(steps[1], name="new"), *steps[1:]))
    installation.clock.forward(minutes=2)
    installation.work()
    assert installation.ledger()[1:] == [(f"{DRIP}/dry-needling", "sent", None)]


def test_a_step_that_is_gone_for_good_is_written_down_after_a_week(any_installation):
    installation = any_installation
    ask(installation)
    installation.runtime = with_steps(installation, lambda steps: steps[1:])
    installation.work()
    assert installation.ledger() == [(f"{DRIP}/report", "queued", "step_gone")]
    installation.clock.forward(days=8)
    installation.work()
    assert installation.ledger()[0] == (f"{DRIP}/report", "skipped", "step_gone")
