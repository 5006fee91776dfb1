"""Mail in doubt: what goes again by itself, what staff decide, what stops everything."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from nurture.domain.errors import Refusal
from nurture.domain.retry import Failure
from nurture.service.doubts import release, retry, settle
from nurture.service.preferences import unsubscribe
from nurture.service.request import Request
from nurture.service.signup import sign_up
from nurture.service.visits import book
from nurture.store.delivery_list import gone_twice
from nurture.store.system_state import stop_mail
from nurture.transport.outcome import Doubt, Failed
from tests.conftest import Kept

LOST = Doubt("no answer")


def ask(house, email="ann@example.com"):
    return sign_up(house.runtime, Request(email, "lumbar-sciatica")).lead


def first_article(house, *answers):
    """The day the first article is due; the relay answers so."""
    ask(house)
    house.work()
    house.transport.answers = list(answers)
    house.clock.forward(days=1)
    house.work()


def states(house):
    return {mail.partition("/")[2]: state for mail, state, _ in house.ledger()}


def keyed(house, header="Resend-Idempotency-Key"):
    mail = replace(house.runtime.settings.mail, idempotency_header=header)
    house.runtime = replace(house.runtime, settings=replace(house.runtime.settings, mail=mail))


def test_a_report_in_doubt_goes_once_more_under_its_message_id_and_then_is_left_to_staff(any_house):
    house = any_house
    house.transport.answers = [LOST, LOST]
    ask(house)
    house.work()
    assert states(house) == {"report": "uncertain"}
    assert house.ledger()[0][2] == "no answer"


def test_an_article_in_doubt_stays_there_and_the_next_one_comes_in_its_time(any_house):
    house = any_house
    first_article(house, LOST)
    assert states(house)["dry-needling"] == "uncertain"
    house.clock.forward(days=20)
    house.work()
    assert states(house)["dry-needling"] == "uncertain"
    assert len(states(house)) == 3


def test_with_an_idempotency_key_every_doubt_goes_again(house):
    keyed(house)
    first_article(house, LOST)
    assert states(house)["dry-needling"] == "queued"
    house.clock.forward(minutes=2)
    house.work()
    assert states(house)["dry-needling"] == "sent"
    key = next(line for line in house.transport.mails[-1].data.split(b"\r\n") if b"Idempotency-Key" in line)
    assert key.split(b": ")[1] in house.transport.mails[-1].data.partition(b"Message-ID: ")[2]


@dataclass
class Tapped(Kept):
    """Keeps a copy of whatever is handed over, whether the relay answers or not."""

    copies: list[bytes] = field(default_factory=list)

    def hand_over(self, mail, before_dot):
        self.copies.append(mail.data)
        return super().hand_over(mail, before_dot)


@dataclass
class PutsOff:
    """A relay that says "later" once, after the dot."""

    relay: Kept
    said: bool = False

    def hand_over(self, mail, before_dot):
        if self.said:
            return self.relay.hand_over(mail, before_dot)
        self.said = before_dot()
        return Failed(Failure.DEFERRED, "452 4.3.1 full")

    def close(self):
        """Nothing to let go."""


def test_what_goes_again_after_a_doubt_is_the_same_to_the_byte(any_house):
    house, tapped = any_house, Tapped()
    house.runtime = replace(house.runtime, transport=tapped)
    ask(house)
    house.work()
    tapped.answers = [LOST, Failed(Failure.DEFERRED, "451 later")]
    book(house.runtime, "ann@example.com", house.clock.now + timedelta(days=4))
    house.work()
    house.clock.forward(minutes=8)
    house.work()
    _, first, second, third = tapped.copies
    assert first == second == third
    assert b"calendar" in first
    assert house.sent() == ["lumbar-sciatica/report", "discovery-visit/confirmation"]


@pytest.mark.parametrize(("header", "days"), [("Resend-Idempotency-Key", 1), ("", 0)])
def test_a_key_that_the_relay_has_forgotten_or_never_gets_repeats_nothing(any_house, header, days):
    house = any_house
    keyed(house)
    first_article(house, LOST)
    keyed(house, header)
    house.clock.forward(days=days, minutes=2)
    house.work()
    assert house.ledger()[1][1:] == ("uncertain", "in doubt for too long")
    retry(house.runtime, 2)
    house.work()
    assert states(house)["dry-needling"] == "sent"


def test_a_doubt_that_is_too_late_to_go_again_keeps_its_name(any_house):
    house = any_house
    ask(house)
    house.work()
    house.transport.answers = [LOST, Failed(Failure.UNREACHABLE, "no route")]
    book(house.runtime, "ann@example.com", house.clock.now + timedelta(days=4))
    house.work()
    house.clock.forward(days=5)
    house.work()
    assert house.ledger()[1][1:] == ("uncertain", "in doubt, and not again: stale")


def test_a_doubt_that_is_refused_at_the_second_try_keeps_its_name_and_the_refusal_counts(any_house):
    house = any_house
    house.transport.answers = [LOST, Failed(Failure.RECIPIENT_REFUSED, "550 5.1.1 " + "x" * 200, address_is_dead=True)]
    ask(house)
    house.work()
    [(_, state, reason)] = house.ledger()
    assert (state, reason[:44]) == ("uncertain", "in doubt, and not again: recipient_refused: ")
    house.clock.forward(days=1)
    house.work()
    assert states(house) == {"report": "uncertain"}


def test_staff_settle_a_doubt_once(any_house):
    house = any_house
    first_article(house, LOST)
    number = len(house.ledger())
    assert settle(house.runtime, number, was_sent=True).id == number
    assert states(house)["dry-needling"] == "sent"
    assert isinstance(settle(house.runtime, number, was_sent=False), Refusal)
    assert isinstance(settle(house.runtime, 4711, was_sent=False), Refusal)


def test_what_staff_retry_goes_whatever_has_been_sent_since(any_house):
    house = any_house
    first_article(house, LOST)
    house.clock.forward(days=20)
    house.work()
    assert retry(house.runtime, 2).id == 2
    house.clock.forward(days=1)
    house.work()
    assert states(house)["dry-needling"] == "sent"
    assert isinstance(retry(house.runtime, 2), Refusal)


def test_what_staff_retry_and_the_relay_puts_off_goes_later(any_house):
    house = any_house
    first_article(house, LOST)
    retry(house.runtime, 2)
    house.runtime = replace(house.runtime, transport=PutsOff(house.transport))
    house.work()
    assert states(house)["dry-needling"] == "queued"
    house.clock.forward(minutes=2)
    house.work()
    assert states(house)["dry-needling"] == "sent"


@pytest.mark.parametrize(("days", "mails"), [(0, 0), (2, 1)])
def test_a_stop_that_a_wrong_clock_wrote_stops_nobody(any_house, days, mails):
    house = any_house
    ask(house)
    with house.runtime.database.begin() as connection:
        stop_mail(connection, house.clock.now + timedelta(days=days, minutes=1), "no_relay: refused")
    house.work()
    assert len(house.transport.mails) == mails


def test_a_retry_asks_for_consent_like_everything_else(any_house):
    house = any_house
    lead = ask(house)
    house.work()
    house.transport.answers = [LOST]
    house.clock.forward(days=1)
    house.work()
    unsubscribe(house.runtime, lead)
    retry(house.runtime, 2)
    house.work()
    assert house.ledger()[1][1:] == ("uncertain", "in doubt, and not again: unsubscribed")


def test_a_refusal_of_the_sender_stops_everything_and_blames_nobody(any_house):
    house = any_house
    refused = Failed(Failure.SENDER_REFUSED, "550 5.7.1 who are you")
    house.transport.answers = [refused]
    for number in range(5):
        ask(house, f"lead{number}@example.com")
    house.work()
    assert (house.transport.mails, house.transport.answers) == ([], [])
    house.clock.forward(minutes=6)
    house.work()
    assert len(house.transport.mails) == 5


def test_a_relay_that_is_away_for_long_uses_up_nobodys_patience(any_house):
    house = any_house
    away = [Failed(Failure.NO_RELAY, "Connection refused")] * 50
    house.transport.answers = [*away, Failed(Failure.DEFERRED, "451 later")]
    for number in range(3):
        ask(house, f"lead{number}@example.com")
    for _ in range(54):
        house.work()
        house.clock.forward(minutes=1)
    # Fifty minutes away, one mail put off for a minute, and everyone is served.
    assert (house.transport.answers, len(house.transport.mails)) == ([], 3)
    assert set(house.ledger()) == {("lumbar-sciatica/report", "sent", None)}


@pytest.mark.parametrize("lift", [True, False])
def test_release_lets_stopped_mail_go_at_once(house, lift):
    house.transport.answers = [Failed(Failure.SENDER_REFUSED, "535 no")]
    ask(house, "ann@example.com")
    ask(house, "bob@example.com")
    house.work()
    if lift:
        release(house.runtime)
    house.work()
    assert len(house.transport.mails) == (1 if lift else 0)


def twice(house):
    with house.runtime.database.read() as connection:
        return [each.delivery.id for each in gone_twice(connection)]


def test_what_may_have_gone_twice_stands_in_a_list_of_its_own(any_house):
    house = any_house
    house.transport.answers = [LOST]
    ask(house)
    ask(house, "bob@example.com")
    house.work()
    assert house.sent() == ["lumbar-sciatica/report"] * 2
    assert twice(house) == [1]


@pytest.mark.parametrize(("was_sent", "listed_as"), [(True, [1]), (False, [])])
def test_two_doubts_are_two_copies_unless_staff_know_better(any_house, was_sent, listed_as):
    house = any_house
    house.transport.answers = [LOST, LOST]
    ask(house)
    house.work()
    assert twice(house) == [1]
    settle(house.runtime, 1, was_sent=was_sent)
    assert twice(house) == listed_as


def test_a_doubt_that_staff_settle_went_once_and_one_that_they_retry_may_have_gone_twice(any_house):
    house = any_house
    first_article(house, LOST)
    assert twice(house) == []
    settle(house.runtime, 2, was_sent=True)
    assert twice(house) == []
    house.transport.answers = [LOST]
    house.clock.forward(days=3)
    house.work()
    retry(house.runtime, 3)
    house.work()
    assert (states(house)["what-a-visit-is"], twice(house)) == ("sent", [3])
