"""Whom staff may begin a campaign for, on both databases: nobody who said no, and all others beside them."""

from dataclasses import replace

import pytest

from nurture.domain.event import Event, EventKind
from nurture.domain.segment import Segment
from nurture.service.caller import add_caller
from nurture.service.enqueue import Enqueued, enqueue
from nurture.service.feedback import record_event
from nurture.service.request import Request
from nurture.service.signup import add_by_hand
from nurture.service.sweep import sweep
from nurture.store.leads import lock_lead
from nurture.store.suppressions import suppress_lead


@pytest.mark.parametrize("kind", ["unsubscribed", "complained", "bounced", "replied", "suppressed"])
def test_nobody_who_said_no_is_enrolled_or_mailed(any_installation, kind):
    runtime, everybody = any_installation.runtime, Segment("all")
    ann, _ = (add_by_hand(runtime, Request(f"{name}@example.com", "")).lead for name in ("ann", "ben"))
    with runtime.database.begin() as connection:
        lock_lead(connection, ann.id)
        if kind == "suppressed":
            suppress_lead(connection, ann.id, kind, any_installation.clock.now)
        else:
            record_event(connection, runtime, Event(EventKind(kind), ann.id, any_installation.clock.now))
    assert enqueue(runtime, "lumbar-sciatica", everybody, dry_run=True) == Enqueued(1, 0, passed_over=1)
    assert enqueue(runtime, "lumbar-sciatica", everybody) == Enqueued(1, 0, passed_over=1)
    any_installation.work()
    assert [mail.recipient for mail in any_installation.transport.mails if "clinic" not in mail.recipient] == [
        "ben@example.com"
    ]


def test_nobody_without_an_address_is_enrolled(any_installation):
    runtime, everybody = any_installation.runtime, Segment("all")
    add_caller(runtime, Request("", "", name="Ann", phone="817-555-0102"))
    add_by_hand(runtime, Request("ben@example.com", ""))
    assert enqueue(runtime, "lumbar-sciatica", everybody) == Enqueued(1, 0, passed_over=1)


def test_whoever_stops_half_way_has_enrolled_whole_sets_and_goes_on_later(any_installation, monkeypatch):
    monkeypatch.setattr("nurture.service.enqueue.SET", 2)
    runtime, heard = any_installation.runtime, list[tuple[Enqueued, int]]()
    for number in range(5):
        add_by_hand(runtime, Request(f"lead{number}@example.com", ""))

    def stop(done, of):
        heard.append((done, of))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        enqueue(runtime, "lumbar-sciatica", Segment("all"), progress=stop)
    assert heard == [(Enqueued(2, 0), 5)]
    assert enqueue(runtime, "lumbar-sciatica", Segment("all"), dry_run=True) == Enqueued(3, 2)
    assert enqueue(runtime, "lumbar-sciatica", Segment("all")) == Enqueued(3, 2)
    any_installation.work()
    assert len({mail.recipient for mail in any_installation.transport.mails}) == 5


def test_workers_are_told_of_none_before_a_sweep(any_installation):
    told = list[int]()
    runtime = replace(any_installation.runtime, publish=lambda _kind, ids: told.extend(ids) or True)
    add_by_hand(runtime, Request("ann@example.com", ""))
    enqueue(runtime, "lumbar-sciatica", Segment("all"))
    assert told == []
    sweep(runtime)
    assert len(told) == 1
