"""Processes that know different campaigns, because somebody edits config/ while they run: nobody loses a mail by it."""

from dataclasses import replace

from nurture.domain.retry import Failure
from nurture.service.deliver import deliver
from nurture.service.request import Request
from nurture.service.signup import sign_up
from nurture.service.sweep import sweep
from nurture.transport.outcome import Failed

DRIP = "lumbar-sciatica"


def knowing(runtime, **campaigns):
    """The runtime of a process that knows these campaigns alone."""
    return replace(runtime, catalogue=replace(runtime.catalogue, campaigns=campaigns))


def with_steps(house, change):
    drip = house.runtime.catalogue.campaigns[DRIP]
    return knowing(house.runtime, **{DRIP: replace(drip, steps=change(drip.steps))})


def ask(house):
    sign_up(house.runtime, Request("ann@example.com", DRIP))


def test_a_worker_that_does_not_know_a_campaign_yet_leaves_its_mail_to_others(any_house):
    house = any_house
    old = knowing(house.runtime)
    ask(house)
    deliver(old, 1)
    assert house.ledger() == [(f"{DRIP}/report", "queued", "campaign_gone")]
    house.clock.forward(minutes=61)
    house.work()
    assert house.sent() == [f"{DRIP}/report"]


def test_a_sweep_that_does_not_know_a_campaign_ends_nothing(any_house):
    house = any_house
    ask(house)
    house.work()
    house.clock.forward(days=1)
    sweep(knowing(house.runtime))
    house.clock.forward(minutes=61)
    house.work()
    assert house.sent() == [f"{DRIP}/report", f"{DRIP}/dry-needling"]


def test_a_step_put_before_one_that_waits_takes_nothing_away(any_house):
    house = any_house
    ask(house)
    house.work()
    house.transport.answers = [Failed(Failure.DEFERRED, "451 later")]
    house.clock.forward(days=1)
    house.work()
    house.runtime = with_steps(house, lambda steps: (steps[0], replace(steps[1], name="new"), *steps[1:]))
    house.clock.forward(minutes=2)
    house.work()
    assert house.ledger()[1:] == [(f"{DRIP}/dry-needling", "sent", None)]


def test_a_step_that_is_gone_for_good_is_written_down_after_a_week(any_house):
    house = any_house
    ask(house)
    house.runtime = with_steps(house, lambda steps: steps[1:])
    house.work()
    assert house.ledger() == [(f"{DRIP}/report", "queued", "step_gone")]
    house.clock.forward(days=8)
    house.work()
    assert house.ledger()[0] == (f"{DRIP}/report", "skipped", "step_gone")
