"""Articles in sets over many connections to a real relay: each once, as if each had gone alone."""

import threading
import time
from collections import Counter
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from nurture.service.delivery.bulk import deliver_bulk
from nurture.service.delivery.sender import Sender
from nurture.store import deliveries, enrolments
from nurture.store.suppressions import suppress_lead
from nurture.transport.smtp import SmtpTransport
from nurture.transport.smtp_url import SmtpUrl, Tls
from tests.real_installation import wait_until
from tests.service.test_claim import due, states
from tests.transport.scripted_relay import ScriptedRelay


@pytest.fixture
def relay():
    with closing(ScriptedRelay({"EHLO": "250-relay\r\n250 PIPELINING"})) as scripted:
        yield scripted


@contextmanager
def sending(installation, relay):
    transport = SmtpTransport(SmtpUrl("127.0.0.1", relay.port, Tls.NONE))
    sender = Sender(replace(installation.runtime, transport=transport))
    try:
        yield sender
    finally:
        sender.close(10)


def told(relay):
    """How often the relay has each mail, by Message-ID."""
    return Counter(line for mail in relay.mails for line in mail.splitlines() if line.startswith(b"Message-ID:"))


def number(relay):
    return int(relay.here.recipient.removeprefix("lead").partition("@")[0])


def go_on_at(installation, ids):
    """When the sweep looks at the enrolments of these deliveries again."""
    with installation.runtime.database.read() as connection:
        found = [deliveries.delivery_by_id(connection, each) for each in ids]
        return [enrolments.enrolment_by_id(connection, each.enrolment_id).due_at for each in found]


def never():
    return False


def test_every_mail_goes_once_and_every_enrolment_goes_on(any_installation, relay):
    ids = due(any_installation, 230)
    with sending(any_installation, relay) as sender:
        deliver_bulk(sender, ids, never)
        deliver_bulk(sender, ids, never)
        assert states(any_installation, ids) == ["sent"] * 230
    assert (len(told(relay)), set(told(relay).values())) == (230, {1})
    # What comes next waits for days; what nobody decided would be looked at within the hour.
    assert min(go_on_at(any_installation, ids)) > any_installation.clock.now + timedelta(days=1)
    assert 2 <= relay.connections <= 10


def test_a_refusal_a_delay_and_a_doubt_are_each_that_mails_own(any_installation, relay):
    answers = {3: "550 5.1.1 no such user", 4: "451 4.7.1 later"}
    relay.script["RCPT"] = lambda: answers.get(number(relay), "250 ok")
    relay.script["DATA"] = lambda: "503 nobody" if number(relay) in answers else "354 go on"
    relay.script["DOT"] = lambda: "drop" if number(relay) == 5 else "250 taken"
    ids = due(any_installation, 40)
    with sending(any_installation, relay) as sender:
        deliver_bulk(sender, ids, never)
        wait_until(lambda: states(any_installation, [ids[5]]) == ["uncertain"], 10)
        found = states(any_installation, ids)
    assert (found[3], found[4], found[5]) == ("failed", "queued", "uncertain")
    assert Counter(found)["sent"] == 37


def test_what_cannot_be_settled_takes_nobody_along(any_installation, relay):
    """A bounce decides its lead anew, which cannot be done in a zone that is none; the others are settled."""
    database, ids = any_installation.runtime.database, due(any_installation, 30)

    def refused():
        if number(relay) % 3 != 0:
            return "250 ok"
        if number(relay) == 3:
            with database.begin() as connection:
                connection.execute(text("UPDATE leads SET zone = 'No/Where' WHERE email = 'lead3@example.com'"))
        return "550 5.1.1 no such user"

    relay.script |= {"RCPT": refused, "DATA": lambda: "503 nobody" if number(relay) % 3 == 0 else "354 go on"}
    with sending(any_installation, relay) as sender:
        deliver_bulk(sender, ids, never)
    found = states(any_installation, ids)
    assert found.pop(3) == "claimed"
    assert Counter(found) == {"failed": 9, "sent": 20}


def test_who_unsubscribes_after_the_claim_and_before_the_dot_gets_nothing(any_installation, relay):
    """Fails when the statement that writes `handed` does not ask suppressions once more."""
    ids, asked = due(any_installation, 30), threading.Event()
    database, now = any_installation.runtime.database, any_installation.clock.now
    lead = 7

    def unsubscribed():
        if number(relay) == lead and not asked.is_set():
            asked.set()
            with database.begin() as connection:
                found = deliveries.delivery_by_id(connection, ids[lead])
                suppress_lead(connection, found.lead_id, "unsubscribed", now)
        return "354 go on"

    relay.script["DATA"] = unsubscribed
    with sending(any_installation, relay) as sender:
        deliver_bulk(sender, ids, never)
        assert Counter(states(any_installation, ids)) == {"sent": 29, "queued": 1}
        deliver_bulk(sender, ids, never)
    assert asked.is_set()
    assert states(any_installation, [ids[lead]]) == ["skipped"]
    assert len(relay.mails) == 29


def test_a_task_does_not_wait_for_a_slow_dot_and_its_answer_is_settled_all_the_same(any_installation, relay):
    slow, ids = threading.Event(), due(any_installation, 60)
    relay.script["DOT"] = lambda: slow.wait(20) and "451 late" if number(relay) == 2 else "250 taken"
    with sending(any_installation, relay) as sender:
        began = time.monotonic()
        deliver_bulk(sender, ids, never)
        assert time.monotonic() - began < 8
        assert Counter(states(any_installation, ids)) == {"sent": 59, "handed": 1}
        slow.set()
        wait_until(lambda: states(any_installation, [ids[2]]) == ["queued"], 10)


def test_who_is_asked_to_stop_gives_back_what_has_not_begun(any_installation, relay):
    relay.script["DOT"] = lambda: time.sleep(0.2) or "250 taken"
    ids = due(any_installation, 150)
    with sending(any_installation, relay) as sender:
        deliver_bulk(sender, ids, lambda: len(relay.mails) > 5)
    found = Counter(states(any_installation, ids))
    assert found.keys() == {"sent", "queued"}
    assert found["sent"] == len(relay.mails) < 150
    with any_installation.runtime.database.read() as connection:
        left = [deliveries.delivery_by_id(connection, each) for each in ids]
    assert {each.attempts for each in left if each.state == "queued"} == {0}


def test_without_a_relay_nothing_was_tried_and_all_mail_waits(any_installation):
    with closing(ScriptedRelay()) as gone:
        pass
    ids = due(any_installation, 20)
    with sending(any_installation, gone) as sender:
        deliver_bulk(sender, ids, never)
    with any_installation.runtime.database.read() as connection:
        found = [deliveries.delivery_by_id(connection, each) for each in ids]
    assert {(each.state.value, each.attempts) for each in found} == {("queued", 0)}
