"""Past five mails an hour the desk has the rest in one: each matter once, whoever works at it and whatever fails."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from nurture.domain.engine import Send
from nurture.domain.retry import Failure
from nurture.service import visits
from nurture.service.delivery.pipeline import deliver
from nurture.service.desk import in_turn
from nurture.service.preferences import note_reply
from nurture.store.claims import claim
from nurture.store.leads import lock_lead
from nurture.store.queries.delivery_list import listed
from nurture.transport.outcome import Failed
from tests.conftest import MONDAY
from tests.journeys.desk import DAY, DIGEST, HOUR, ask, callers, calls, to_desk, told


def test_past_five_an_hour_the_rest_is_told_in_one_mail_and_each_once(any_installation):
    installation = any_installation
    early = callers(installation, 5)
    installation.live_until(MONDAY + 0.1 * HOUR)
    assert calls(installation) == [("sent", None)] * 5
    late = [ask(installation, f"late{number}@example.com", "817 555 0199") for number in range(4)]
    installation.live_until(MONDAY + 0.9 * HOUR)
    assert len(to_desk(installation)) == 5
    installation.live_until(MONDAY + 1.2 * HOUR)
    assert calls(installation)[5:] == [("sent", None), *[("skipped", DIGEST)] * 3]
    assert to_desk(installation)[5]["Subject"] == "4 matters for the front desk"
    assert {told(installation).count(lead.email) for lead in (*early, *late)} == {1}
    assert installation.next_instant() > MONDAY + 10 * HOUR


def test_what_comes_while_a_digest_is_due_joins_it_and_one_alone_is_no_digest(installation):
    callers(installation, 5)
    installation.work()
    ask(installation, "late@example.com", "817 555 0199")
    installation.work()
    installation.live_until(MONDAY + HOUR - timedelta(seconds=1))
    ask(installation, "later@example.com", "817 555 0198")
    installation.live_until(MONDAY + 1.1 * HOUR)
    assert to_desk(installation)[-1]["Subject"] == "2 matters for the front desk"
    installation.clock.forward(hours=5)
    alone = ask(installation, "last@example.com", "817 555 0197")
    installation.work()
    assert to_desk(installation)[-1]["Subject"] == f"A call is wanted: lead {alone.id}"


def test_when_a_digest_cannot_go_each_of_its_matters_goes_by_itself(installation):
    leads = callers(installation, 8)
    installation.work()
    installation.transport.answers = [Failed(Failure.MESSAGE_REFUSED, "554 5.6.0 no")]
    installation.live_until(MONDAY + 4 * HOUR)
    assert [state for state, _ in calls(installation)].count("failed") == 1
    assert sorted(told(installation).count(lead.email) for lead in leads) == [0, *[1] * 7]


def test_a_mail_that_something_of_its_own_holds_up_holds_up_no_other(installation):
    ben, zoe = ask(installation, "ben@example.com"), ask(installation, "zoe@example.com")
    callers(installation, 5)
    installation.work()
    ask(installation, "late@example.com", "817 555 0199")
    installation.work()
    note_reply(installation.runtime, ben)
    installation.work()
    catalogue = installation.runtime.catalogue
    rest = {name: each for name, each in catalogue.campaigns.items() if name != "desk-call"}
    installation.runtime = replace(installation.runtime, catalogue=replace(catalogue, campaigns=rest))
    installation.live_until(MONDAY + 1.1 * HOUR)
    assert to_desk(installation)[-1]["Subject"] == f"A reply: lead {ben.id}"
    note_reply(installation.runtime, zoe)
    installation.work()
    assert to_desk(installation)[-1]["Subject"] == f"A reply: lead {zoe.id}"


def test_replies_that_the_desk_noted_keep_no_other_news_waiting_and_wait_behind_it(any_installation):
    installation = any_installation
    readers = [ask(installation, f"reader{number}@example.com") for number in range(7)]
    installation.work()
    for reader in readers:
        note_reply(installation.runtime, reader)
    installation.work()
    assert [mail["Subject"] for mail in to_desk(installation)] == [f"A reply: lead {each.id}" for each in readers[:5]]
    visit = visits.book(installation.runtime, readers[0].email, MONDAY + 5 * DAY)
    visits.change(installation.runtime, visit.id, "cancel-on-page")
    callers(installation, 5)
    installation.work()
    assert to_desk(installation)[5]["Subject"].startswith("Visitor cancelled")
    assert len(to_desk(installation)) == 10
    installation.live_until(MONDAY + 1.5 * HOUR)
    assert {mail["Subject"] for mail in to_desk(installation)[10:]} > {"2 matters for the front desk"}
    assert [told(installation).count(each.email) for each in readers] == [2, *[1] * 6]


def test_two_workers_do_not_both_take_the_last_place_of_the_hour(any_installation):
    installation = any_installation
    callers(installation, 4)
    installation.work()
    callers(installation, 6)
    with installation.runtime.database.read() as connection:
        first, second = [each.delivery for each in listed(connection, state="queued") if each.delivery.kind == "staff"]
    catalogue = installation.runtime.catalogue
    mail = (catalogue.campaigns["desk-call"], catalogue.campaigns["desk-call"].steps[0])
    with ThreadPoolExecutor(1) as worker:
        with installation.runtime.database.begin() as connection:
            lock_lead(connection, first.lead_id)
            assert in_turn(connection, catalogue, first, mail, installation.clock.now) == Send(mail[1])
            other = worker.submit(deliver, installation.runtime, second.id)
            with pytest.raises(TimeoutError):
                other.result(timeout=0.5)
            assert claim(connection, [first], installation.clock.now)
        other.result()
    assert len(to_desk(installation)) == 4
