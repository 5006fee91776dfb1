"""Mail in doubt: what goes again by itself, what staff decide, what stops everything."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from nurture.domain.errors import Refusal
from nurture.domain.retry import Failure
from nurture.service.in_doubt import release, retry, settle
from nurture.service.preferences import unsubscribe
from nurture.service.request import Request
from nurture.service.signup import sign_up
from nurture.service.visits import book
from nurture.store.queries.delivery_list import gone_twice
from nurture.store.system_state import stop_mail
from nurture.transport.outcome import Failed, InDoubt
from tests.conftest import Kept

LOST = InDoubt("no answer")


def ask(installation, email="ann@example.com"):
    return sign_up(installation.runtime, Request(email, "lumbar-sciatica")).lead


def first_article(installation, *answers):
    """The day the first article is due; the relay answers so."""
    ask(installation)
    installation.work()
    installation.transport.answers = list(answers)
    installation.clock.forward(days=1)
    installation.work()


def states(installation):
    return {mail.partition("/")[2]: state for mail, state, _ in installation.ledger()}


def keyed(installation, header="Resend-Idempotency-Key"):
    mail = replace(installation.runtime.settings.mail, idempotency_header=header)
    installation.runtime = replace(installation.runtime, settings=replace(installation.runtime.settings, mail=mail))


def test_a_report_in_doubt_goes_once_more_under_its_message_id_and_then_is_left_to_staff(any_installation):
    installation = any_installation
    installation.transport.answers = [LOST, LOST]
    ask(installation)
    installation.work()
    assert states(installation) == {"report": "uncertain"}
    assert installation.ledger()[0][2] == "no answer"


def test_an_article_in_doubt_stays_there_and_the_next_one_comes_in_its_time(any_installation):
    installation = any_installation
    first_article(installation, LOST)
    assert states(installation)["dry-needling"] == "uncertain"
    installation.clock.forward(days=20)
    installation.work()
    assert states(installation)["dry-needling"] == "uncertain"
    assert len(states(installation)) == 3


def test_with_an_idempotency_key_every_mail_in_doubt_goes_again(installation):
    keyed(installation)
    first_article(installation, LOST)
    assert states(installation)["dry-needling"] == "queued"
    installation.clock.forward(minutes=2)
    installation.work()
    assert states(installation)["dry-needling"] == "sent"
    key = next(line for line in installation.transport.mails[-1].data.split(b"\r\n") if b"Idempotency-Key" in line)
    assert key.split(b": ")[1] in installation.transport.mails[-1].data.partition(b"Message-ID: ")[2]


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


def test_what_goes_again_when_in_doubt_is_the_same_to_the_byte(any_installation):
    installation, tapped = any_installation, Tapped()
    installation.runtime = replace(installation.runtime, transport=tapped)
    ask(installation)
    installation.work()
    tapped.answers = [LOST, Failed(Failure.DEFERRED, "451 later")]
    book(installation.runtime, "ann@example.com", installation.clock.now + timedelta(days=4))
    installation.work()
    installation.clock.forward(minutes=8)
    installation.work()
    _, first, second, third = tapped.copies
    assert first == second == third
    assert b"calendar" in first
    assert installation.sent() == ["lumbar-sciatica/report", "discovery-visit/confirmation"]


@pytest.mark.parametrize(("header", "days"), [("Resend-Idempotency-Key", 1), ("", 0)])
def test_a_key_that_the_relay_has_forgotten_or_never_gets_repeats_nothing(any_installation, header, days):
    installation = any_installation
    keyed(installation)
    first_article(installation, LOST)
    keyed(installation, header)
    installation.clock.forward(days=days, minutes=2)
    installation.work()
    assert installation.ledger()[1][1:] == ("uncertain", "in doubt for too long")
    retry(installation.runtime, 2)
    installation.work()
    assert states(installation)["dry-needling"] == "sent"


def test_a_mail_in_doubt_that_is_too_late_to_go_again_keeps_its_name(any_installation):
    installation = any_installation
    ask(installation)
    installation.work()
    installation.transport.answers = [LOST, Failed(Failure.UNREACHABLE, "no route")]
    book(installation.runtime, "ann@example.com", installation.clock.now + timedelta(days=4))
    installation.work()
    installation.clock.forward(days=5)
    installation.work()
    assert installation.ledger()[1][1:] == ("uncertain", "in doubt, and not again: stale")


def test_a_mail_in_doubt_that_is_refused_at_the_second_try_keeps_its_name_and_the_refusal_counts(any_installation):
    installation = any_installation
    installation.transport.answers = [
        LOST,
        Failed(Failure.RECIPIENT_REFUSED, "550 5.1.1 " + "x" * 200, address_is_dead=True),
    ]
    ask(installation)
    installation.work()
    [(_, state, reason)] = installation.ledger()
    assert (state, reason[:44]) == ("uncertain", "in doubt, and not again: recipient_refused: ")
    installation.clock.forward(days=1)
    installation.work()
    assert states(installation) == {"report": "uncertain"}


def test_staff_settle_a_mail_in_doubt_once(any_installation):
    installation = any_installation
    first_article(installation, LOST)
    number = len(installation.ledger())
    assert settle(installation.runtime, number, was_sent=True).id == number
    assert states(installation)["dry-needling"] == "sent"
    assert isinstance(settle(installation.runtime, number, was_sent=False), Refusal)
    assert isinstance(settle(installation.runtime, 4711, was_sent=False), Refusal)


def test_what_staff_retry_goes_whatever_has_been_sent_since(any_installation):
    installation = any_installation
    first_article(installation, LOST)
    installation.clock.forward(days=20)
    installation.work()
    assert retry(installation.runtime, 2).id == 2
    installation.clock.forward(days=1)
    installation.work()
    assert states(installation)["dry-needling"] == "sent"
    assert isinstance(retry(installation.runtime, 2), Refusal)


def test_what_staff_retry_and_the_relay_puts_off_goes_later(any_installation):
    installation = any_installation
    first_article(installation, LOST)
    retry(installation.runtime, 2)
    installation.runtime = replace(installation.runtime, transport=PutsOff(installation.transport))
    installation.work()
    assert states(installation)["dry-needling"] == "queued"
    installation.clock.forward(minutes=2)
    installation.work()
    assert states(installation)["dry-needling"] == "sent"


@pytest.mark.parametrize(("days", "mails"), [(0, 0), (2, 1)])
def test_a_stop_that_a_wrong_clock_wrote_stops_nobody(any_installation, days, mails):
    installation = any_installation
    ask(installation)
    with installation.runtime.database.begin() as connection:
        stop_mail(connection, installation.clock.now + timedelta(days=days, minutes=1), "no_relay: refused")
    installation.work()
    assert len(installation.transport.mails) == mails


def test_a_retry_asks_for_consent_like_everything_else(any_installation):
    installation = any_installation
    lead = ask(installation)
    installation.work()
    installation.transport.answers = [LOST]
    installation.clock.forward(days=1)
    installation.work()
    unsubscribe(installation.runtime, lead)
    retry(installation.runtime, 2)
    installation.work()
    assert installation.ledger()[1][1:] == ("uncertain", "in doubt, and not again: unsubscribed")


def test_a_refusal_of_the_sender_stops_everything_and_blames_nobody(any_installation):
    installation = any_installation
    refused = Failed(Failure.SENDER_REFUSED, "550 5.7.1 who are you")
    installation.transport.answers = [refused]
    for number in range(5):
        ask(installation, f"lead{number}@example.com")
    installation.work()
    assert (installation.transport.mails, installation.transport.answers) == ([], [])
    installation.clock.forward(minutes=6)
    installation.work()
    assert len(installation.transport.mails) == 5


def test_a_relay_that_is_away_for_long_uses_up_nobodys_patience(any_installation):
    installation = any_installation
    away = [Failed(Failure.NO_RELAY, "Connection refused")] * 50
    installation.transport.answers = [*away, Failed(Failure.DEFERRED, "451 later")]
    for number in range(3):
        ask(installation, f"lead{number}@example.com")
    for _ in range(54):
        installation.work()
        installation.clock.forward(minutes=1)
    # Fifty minutes away, one mail put off for a minute, and everyone is served.
    assert (installation.transport.answers, len(installation.transport.mails)) == ([], 3)
    assert set(installation.ledger()) == {("lumbar-sciatica/report", "sent", None)}


@pytest.mark.parametrize("lift", [True, False])
def test_release_lets_stopped_mail_go_at_once(installation, lift):
    installation.transport.answers = [Failed(Failure.SENDER_REFUSED, "535 no")]
    ask(installation, "ann@example.com")
    ask(installation, "bob@example.com")
    installation.work()
    if lift:
        release(installation.runtime)
    installation.work()
    assert len(installation.transport.mails) == (1 if lift else 0)


def twice(installation):
    with installation.runtime.database.read() as connection:
        return [each.delivery.id for each in gone_twice(connection)]


def test_what_may_have_gone_twice_stands_in_a_list_of_its_own(any_installation):
    installation = any_installation
    installation.transport.answers = [LOST]
    ask(installation)
    ask(installation, "bob@example.com")
    installation.work()
    assert installation.sent() == ["lumbar-sciatica/report"] * 2
    assert twice(installation) == [1]


@pytest.mark.parametrize(("was_sent", "listed_as"), [(True, [1]), (False, [])])
def test_twice_in_doubt_is_two_copies_unless_staff_know_better(any_installation, was_sent, listed_as):
    installation = any_installation
    installation.transport.answers = [LOST, LOST]
    ask(installation)
    installation.work()
    assert twice(installation) == [1]
    settle(installation.runtime, 1, was_sent=was_sent)
    assert twice(installation) == listed_as


def test_a_mail_in_doubt_that_staff_settle_went_once_and_one_that_they_retry_may_have_gone_twice(any_installation):
    installation = any_installation
    first_article(installation, LOST)
    assert twice(installation) == []
    settle(installation.runtime, 2, was_sent=True)
    assert twice(installation) == []
    installation.transport.answers = [LOST]
    installation.clock.forward(days=3)
    installation.work()
    retry(installation.runtime, 3)
    installation.work()
    assert (states(installation)["what-a-visit-is"], twice(installation)) == ("sent", [3])
