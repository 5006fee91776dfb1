"""Many connections to one relay: each mail once, every outcome with its own mail, and nobody waits for a slow dot."""

import threading
import time
from contextlib import closing
from dataclasses import dataclass, field

import pytest

from nurture.domain.errors import AwayError
from nurture.domain.retry import Failure
from nurture.transport.conversation import Timeouts
from nurture.transport.outcome import Accepted, Failed, InDoubt, Outgoing, Withdrawn
from nurture.transport.smtp import SmtpTransport
from nurture.transport.smtp_url import SmtpUrl, Tls
from tests.transport.scripted_relay import DROP, SILENT, ScriptedRelay

PIPELINING = "250-relay\r\n250-PIPELINING\r\n250 SIZE"


@dataclass
class Notes:
    """A journal that lets everything go but `held`, and knows what was handed and never answered."""

    held: set[int] = field(default_factory=set)
    broken: set[int] = field(default_factory=set)
    unanswerable: set[int] = field(default_factory=set)
    away: bool = False
    handed: list[int] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)

    def commit(self, answered, ready):
        if self.away:
            raise AwayError("the ledger is away")
        if self.broken & {*answered, *ready} or self.unanswerable & {*answered}:
            raise ValueError("a row that breaks its group")
        self.groups.append(len(ready))
        self.sent += answered
        self.handed += [each for each in ready if each not in self.held]
        return set(ready) - self.held


@pytest.fixture
def relay():
    scripted = ScriptedRelay({"EHLO": PIPELINING})
    yield scripted
    scripted.close()


def mail(number):
    return Outgoing("care@clinic.example", f"lead{number}@example.com", f"X: {number}\r\n\r\n.\r\n..a\r\n".encode())


def opened(relay, notes, connections=4, **timeouts):
    transport = SmtpTransport(SmtpUrl("127.0.0.1", relay.port, Tls.NONE), Timeouts(**timeouts))
    return closing(transport.pool(connections, notes))


def sent(pool, count, seconds=10):
    """What came of so many mails, by ticket."""
    for number in range(count):
        pool.offer(number, mail(number))
    return ended(pool, seconds)


def ended(pool, seconds=10, least=0):
    outcomes, ends_at = {}, time.monotonic() + seconds
    while pool.in_hand > least and time.monotonic() < ends_at:
        for ticket, outcome in pool.turn(0.1):
            assert ticket not in outcomes
            outcomes[ticket] = outcome
    return outcomes


@pytest.mark.parametrize("ehlo", [PIPELINING, "250 relay"])
def test_every_outcome_is_its_own_mails_and_every_body_arrives_as_it_is(relay, ehlo):
    """Fails when replies are counted wrong after a refusal, and when a refused mail's body is sent."""
    relay.script["EHLO"], taken = ehlo, {}
    relay.take = taken.setdefault
    number = lambda: int("".join(filter(str.isdigit, relay.here.recipient)))  # noqa: E731
    relay.script["RCPT"] = lambda: "550 5.1.1 no such user" if number() % 7 == 0 else "250 ok"
    relay.script["DATA"] = lambda: "503 no recipient" if number() % 7 == 0 else "354 go on"
    relay.script["DOT"] = lambda: "451 later" if number() % 5 == 0 else "250 taken"
    notes = Notes()
    with opened(relay, notes) as pool:
        outcomes = sent(pool, 300)
    assert len(outcomes) == 300
    for ticket, outcome in outcomes.items():
        wanted = Failure.RECIPIENT_REFUSED if ticket % 7 == 0 else Failure.DEFERRED if ticket % 5 == 0 else None
        assert (outcome.failure if isinstance(outcome, Failed) else None) is wanted
    accepted = sorted(ticket for ticket, outcome in outcomes.items() if isinstance(outcome, Accepted))
    assert sorted(notes.sent) == accepted
    assert taken == {f"lead{each}@example.com": mail(each).data.replace(b"\r\n.", b"\r\n..") for each in accepted}


def test_dots_share_commits_and_go_only_after_them(relay):
    """Fails when a dot goes before its commit, and when each mail has a commit of its own."""
    notes = Notes()
    relay.script["DOT"] = lambda: "250 taken" if len(relay.mails) < len(notes.handed) else "554 unforeseen"
    with opened(relay, notes, connections=8) as pool:
        outcomes = sent(pool, 200)
    assert {type(each) for each in outcomes.values()} == {Accepted}
    assert len(notes.groups) < 150


def test_what_the_journal_holds_is_withdrawn_and_never_leaves(relay):
    notes = Notes(held={3, 17})
    with opened(relay, notes) as pool:
        outcomes = sent(pool, 40)
    assert {ticket for ticket, each in outcomes.items() if isinstance(each, Withdrawn)} == {3, 17}
    assert len(relay.mails) == 38


@pytest.mark.parametrize("notes", [Notes(broken={5}), Notes(unanswerable={5})], ids=["before its dot", "after it"])
def test_a_row_that_breaks_its_group_takes_nobody_along(relay, notes):
    """Fails when what was answered and could not be written down counts as sent all the same."""
    with opened(relay, notes) as pool:
        outcomes = sent(pool, 40)
    assert [ticket for ticket, each in outcomes.items() if not isinstance(each, Accepted)] == [5]
    assert isinstance(outcomes[5], Withdrawn)


def test_without_a_ledger_no_dot_leaves(relay):
    notes = Notes(away=True)
    with opened(relay, notes) as pool:
        outcomes = sent(pool, 8)
    assert {type(each) for each in outcomes.values()} == {Withdrawn}
    assert (len(outcomes), relay.mails) == (8, [])


def test_what_was_answered_is_kept_for_a_ledger_that_comes_back(relay):
    notes = Notes()
    relay.script["DOT"] = lambda: setattr(notes, "away", True) or "250 taken"
    with opened(relay, notes, connections=1) as pool:
        pool.offer(1, mail(1))
        assert ended(pool, seconds=1) == {}
        notes.away = False
        assert isinstance(ended(pool)[1], Accepted)
    assert notes.sent == [1]


def test_a_slow_dot_keeps_its_line_and_nobody_else(relay):
    """Fails when a group waits for every line, and when the mail behind a slow dot waits with it."""
    slow = threading.Event()
    relay.script["DOT"] = lambda: (
        slow.wait(20) and "250 late" if relay.here.recipient == "lead3@example.com" else "250 ok"
    )
    with opened(relay, Notes()) as pool:
        began = time.monotonic()
        for number in range(200):
            pool.offer(number, mail(number))
        outcomes = ended(pool, least=1)
        assert time.monotonic() - began < 5
        assert set(range(200)) - outcomes.keys() == {3}
        slow.set()
        assert isinstance(ended(pool)[3], Accepted)


def test_a_relay_that_is_slow_with_every_dot_costs_no_connection_a_mail(relay):
    relay.script["DOT"] = lambda: time.sleep(0.6) or "250 taken"
    with opened(relay, Notes(), connections=2) as pool:
        assert {type(each) for each in sent(pool, 8).values()} == {Accepted}
    # Two that were taken back from behind their first dots, and two for all that follows.
    assert relay.connections <= 4


@pytest.mark.parametrize(("verb", "kind"), [("MAIL", Failed), ("DATA", Failed), ("DOT", InDoubt)])
@pytest.mark.parametrize("how", [SILENT, DROP])
def test_a_relay_that_stops_is_certain_before_the_dot_and_a_doubt_after_it(relay, verb, kind, how):
    # One that is silent answers nothing more: SMTP tells answers apart by their order alone.
    relay.script[verb] = (lambda: time.sleep(2) or "250 late") if how == SILENT else how
    with opened(relay, Notes(), connections=2, command=0.3, before_dot=0.6, dot=0.4) as pool:
        outcomes = sent(pool, 4)
    assert [type(each) for each in outcomes.values()] == [kind] * 4


def test_a_relay_that_is_not_there_is_said_of_every_mail_at_once():
    with closing(ScriptedRelay()) as gone:
        pass
    with opened(gone, Notes()) as pool:
        outcomes = sent(pool, 30)
    assert {each.failure for each in outcomes.values()} == {Failure.NO_RELAY}
    assert len(outcomes) == 30


def test_a_kept_line_that_turns_out_to_be_dead_is_no_failure(relay):
    with opened(relay, Notes(), connections=1) as pool:
        assert isinstance(sent(pool, 1)[0], Accepted)
        relay.hang_up()
        time.sleep(0.05)
        pool.offer(1, mail(1))
        assert isinstance(ended(pool)[1], Accepted)


def test_what_has_not_begun_is_taken_back(relay):
    relay.script["DOT"] = lambda: time.sleep(0.3) or "250 taken"
    with opened(relay, Notes(), connections=2) as pool:
        for number in range(20):
            pool.offer(number, mail(number))
        ends_at = time.monotonic() + 5
        while pool.waiting > 18 and time.monotonic() < ends_at:
            pool.turn(0.05)
        back = pool.take_back()
        outcomes = ended(pool)
    assert sorted([*back, *outcomes]) == list(range(20))
    assert len(relay.mails) == len(outcomes)


def test_an_address_that_would_say_more_than_an_address_is_refused(relay):
    with opened(relay, Notes()) as pool, pytest.raises(ValueError, match="line end"):
        pool.offer(1, Outgoing("care@clinic.example", "ann@example.com>\r\nDATA", b"x"))


def test_a_line_is_let_go_after_so_many_mails(relay, monkeypatch):
    monkeypatch.setattr("nurture.transport.pool.MAILS_PER_LINE", 10)
    with opened(relay, Notes(), connections=1) as pool:
        outcomes = sent(pool, 35)
    assert {type(each) for each in outcomes.values()} == {Accepted}
    assert 4 <= relay.connections <= 5


def test_mails_offered_by_another_thread_are_heard_of_at_once(relay):
    with opened(relay, Notes()) as pool:
        threading.Timer(0.05, lambda: pool.offer(1, mail(1))).start()
        began, outcomes = time.monotonic(), []
        while not outcomes and time.monotonic() - began < 5:
            outcomes = pool.turn(2)
        assert time.monotonic() - began < 1
