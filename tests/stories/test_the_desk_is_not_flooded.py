"""Past five mails an hour the desk has the rest in one: each matter once, whoever works at it and whatever fails."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from nurture.domain.engine import Send
from nurture.domain.retry import Failure
from nurture.service import visits
from nurture.service.deliver import deliver
from nurture.service.desk import in_turn
from nurture.service.preferences import note_reply
from nurture.store.deliveries import claim
from nurture.store.delivery_list import listed
from nurture.store.leads import lock_lead
from nurture.transport.outcome import Failed
from tests.conftest import MONDAY
from tests.stories.desk import DAY, DIGEST, HOUR, ask, callers, calls, to_desk, told


def test_past_five_an_hour_the_rest_is_told_in_one_mail_and_each_once(any_house):
    house = any_house
    early = callers(house, 5)
    house.live_until(MONDAY + 0.1 * HOUR)
    assert calls(house) == [("sent", None)] * 5
    late = [ask(house, f"late{number}@example.com", "817 555 0199") for number in range(4)]
    house.live_until(MONDAY + 0.9 * HOUR)
    assert len(to_desk(house)) == 5
    house.live_until(MONDAY + 1.2 * HOUR)
    assert calls(house)[5:] == [("sent", None), *[("skipped", DIGEST)] * 3]
    assert to_desk(house)[5]["Subject"] == "4 matters for the front desk"
    assert {told(house).count(lead.email) for lead in (*early, *late)} == {1}
    assert house.next_instant() > MONDAY + 10 * HOUR


def test_what_comes_while_a_digest_is_due_joins_it_and_one_alone_is_no_digest(house):
    callers(house, 5)
    house.work()
    ask(house, "late@example.com", "817 555 0199")
    house.work()
    house.live_until(MONDAY + HOUR - timedelta(seconds=1))
    ask(house, "later@example.com", "817 555 0198")
    house.live_until(MONDAY + 1.1 * HOUR)
    assert to_desk(house)[-1]["Subject"] == "2 matters for the front desk"
    house.clock.forward(hours=5)
    alone = ask(house, "last@example.com", "817 555 0197")
    house.work()
    assert to_desk(house)[-1]["Subject"] == f"A call is wanted: lead {alone.id}"


def test_when_a_digest_cannot_go_each_of_its_matters_goes_by_itself(house):
    leads = callers(house, 8)
    house.work()
    house.transport.answers = [Failed(Failure.MESSAGE_REFUSED, "554 5.6.0 no")]
    house.live_until(MONDAY + 4 * HOUR)
    assert [state for state, _ in calls(house)].count("failed") == 1
    assert sorted(told(house).count(lead.email) for lead in leads) == [0, *[1] * 7]


def test_a_mail_that_something_of_its_own_holds_up_holds_up_no_other(house):
    ben, zoe = ask(house, "ben@example.com"), ask(house, "zoe@example.com")
    callers(house, 5)
    house.work()
    ask(house, "late@example.com", "817 555 0199")
    house.work()
    note_reply(house.runtime, ben)
    house.work()
    catalogue = house.runtime.catalogue
    rest = {name: each for name, each in catalogue.campaigns.items() if name != "desk-call"}
    house.runtime = replace(house.runtime, catalogue=replace(catalogue, campaigns=rest))
    house.live_until(MONDAY + 1.1 * HOUR)
    assert to_desk(house)[-1]["Subject"] == f"A reply: lead {ben.id}"
    note_reply(house.runtime, zoe)
    house.work()
    assert to_desk(house)[-1]["Subject"] == f"A reply: lead {zoe.id}"


def test_replies_that_the_desk_noted_keep_no_other_news_waiting_and_wait_behind_it(any_house):
    house = any_house
    readers = [ask(house, f"reader{number}@example.com") for number in range(7)]
    house.work()
    for reader in readers:
        note_reply(house.runtime, reader)
    house.work()
    assert [mail["Subject"] for mail in to_desk(house)] == [f"A reply: lead {each.id}" for each in readers[:5]]
    visit = visits.book(house.runtime, readers[0].email, MONDAY + 5 * DAY)
    visits.change(house.runtime, visit.id, "cancel-on-page")
    callers(house, 5)
    house.work()
    assert to_desk(house)[5]["Subject"].startswith("Visitor cancelled")
    assert len(to_desk(house)) == 10
    house.live_until(MONDAY + 1.5 * HOUR)
    assert {mail["Subject"] for mail in to_desk(house)[10:]} > {"2 matters for the front desk"}
    assert [told(house).count(each.email) for each in readers] == [2, *[1] * 6]


def test_two_workers_do_not_both_take_the_last_place_of_the_hour(any_house):
    house = any_house
    callers(house, 4)
    house.work()
    callers(house, 6)
    with house.runtime.database.read() as connection:
        first, second = [each.delivery for each in listed(connection, state="queued") if each.delivery.kind == "staff"]
    catalogue = house.runtime.catalogue
    stage = (catalogue.campaigns["desk-call"], catalogue.campaigns["desk-call"].steps[0])
    with ThreadPoolExecutor(1) as worker:
        with house.runtime.database.begin() as connection:
            lock_lead(connection, first.lead_id)
            assert in_turn(connection, catalogue, first, stage, house.clock.now) == Send(stage[1])
            other = worker.submit(deliver, house.runtime, second.id)
            with pytest.raises(TimeoutError):
                other.result(timeout=0.5)
            assert claim(connection, first)
        other.result()
    assert len(to_desk(house)) == 4
