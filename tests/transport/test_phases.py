"""Every way a relay can fail, on either side of the dot."""

from contextlib import closing
from dataclasses import replace

import pytest

from nurture.domain.masking import Reader
from nurture.domain.retry import Failure
from nurture.transport.conversation import Timeouts
from nurture.transport.outcome import Accepted, Failed, InDoubt, Outgoing, Withdrawn, discreet
from nurture.transport.smtp import SmtpTransport
from nurture.transport.smtp_url import SmtpUrl, Tls
from tests.transport.scripted_relay import DROP, SILENT, ScriptedRelay

MAIL = Outgoing("care@clinic.example", "ann@example.com", b".first\r\n..second\r\nSubject: x\r\n\r\n.\r\nend.\r\n")
U, D = Failure.UNREACHABLE, Failure.DEFERRED


@pytest.fixture
def relay():
    scripted = ScriptedRelay()
    yield scripted
    scripted.close()


@pytest.fixture
def transport(relay):
    client = SmtpTransport(SmtpUrl("127.0.0.1", relay.port, Tls.NONE))
    yield client
    client.close()


def unstuffed(body):
    return b"".join(line[1:] if line.startswith(b".") else line for line in body.splitlines(keepends=True))


def test_the_bytes_arrive_as_they_are_over_one_connection(relay, transport):
    for _ in range(2):
        assert isinstance(transport.hand_over(MAIL, lambda: True), Accepted)
    assert [unstuffed(mail) for mail in relay.mails] == [MAIL.data, MAIL.data]
    assert relay.connections == 1


@pytest.mark.parametrize("phase", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(("reply", "failure"), [(DROP, U), ("421 closing", None), ("???", None)])
def test_before_the_dot_everything_is_certain(relay, transport, phase, reply, failure):
    relay.script[phase] = reply
    asked = []
    outcome = transport.hand_over(MAIL, lambda: not asked.append(1))
    assert isinstance(outcome, Failed)
    assert outcome.failure is failure or outcome.failure in {U, D}
    assert (relay.mails, asked) == ([], [])


AWAY = [
    ("CONNECT", "554 5.7.1 no service for you", Failure.SENDER_REFUSED),
    ("EHLO", "550 go away", Failure.SENDER_REFUSED),
    ("CONNECT", "421 4.3.2 busy", Failure.UNREACHABLE),
]


@pytest.mark.parametrize(("phase", "reply", "failure"), AWAY)
def test_a_relay_that_wants_nothing_from_us_is_told_from_a_busy_one(relay, transport, phase, reply, failure):
    relay.script |= {"EHLO": "550 go away"} if phase == "EHLO" else {phase: reply}
    assert transport.hand_over(MAIL, lambda: True).failure is failure


def test_a_verdict_counts_even_when_the_relay_hangs_up_after_it(relay, transport):
    relay.script |= {"RCPT": "550 5.1.1 no such user", "RSET": DROP}
    assert transport.hand_over(MAIL, lambda: True) == Failed(
        Failure.RECIPIENT_REFUSED, "550 5.1.1 no such user", address_is_dead=True
    )
    relay.script.clear()
    assert isinstance(transport.hand_over(MAIL, lambda: True), Accepted)


def test_a_mail_that_nobody_foresaw_leaves_no_transaction_open(relay, transport):
    with pytest.raises(UnicodeError):
        transport.hand_over(replace(MAIL, recipient="zoë@example.com"), lambda: True)
    assert isinstance(transport.hand_over(MAIL, lambda: True), Accepted)
    assert relay.connections == 2


REFUSALS = [
    ("MAIL", "550 5.7.1 not you", Failure.SENDER_REFUSED, False),
    ("RCPT", "550 5.1.1 no such user", Failure.RECIPIENT_REFUSED, True),
    ("RCPT", "550 no such user", Failure.RECIPIENT_REFUSED, True),
    ("RCPT", "552 5.2.2 mailbox full", Failure.RECIPIENT_REFUSED, False),
    ("RCPT", "550 5.7.1 policy", Failure.POLICY_REFUSED, False),
    ("RCPT", "554 5.7.1 <ann@example.com>: Relay access denied", Failure.POLICY_REFUSED, False),
    ("RCPT", "550 relay not permitted", Failure.POLICY_REFUSED, False),
    ("RCPT", "530 Authentication required", Failure.POLICY_REFUSED, False),
    ("RCPT", "550 Sender verify failed", Failure.POLICY_REFUSED, False),
    ("RCPT", "550 5.1.1 <ann@example.com>: User unknown in relay recipient table", Failure.RECIPIENT_REFUSED, True),
    ("RCPT", "550 mailbox is full", Failure.RECIPIENT_REFUSED, False),
    ("RCPT", "550 198.51.100.7 is listed at a blocklist", Failure.POLICY_REFUSED, False),
    ("RCPT", "550 rate limit exceeded", Failure.POLICY_REFUSED, False),
    ("DOT", "554 Message rejected: sender address is not verified", Failure.POLICY_REFUSED, False),
    ("DATA", "554 5.6.0 no", Failure.MESSAGE_REFUSED, False),
    ("DOT", "554 5.6.0 no", Failure.MESSAGE_REFUSED, False),
    *((phase, "451 4.7.1 later", Failure.DEFERRED, False) for phase in ("MAIL", "RCPT", "DATA", "DOT")),
]


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_refusal_is_told_apart_and_the_next_mail_goes(relay, transport, refusal):
    phase, reply, failure, dead = refusal
    relay.script[phase] = reply
    told = reply.replace("ann@example.com", "(address)")
    assert transport.hand_over(MAIL, lambda: True) == Failed(failure, told, address_is_dead=dead)
    relay.script.clear()
    assert isinstance(transport.hand_over(MAIL, lambda: True), Accepted)
    assert len(relay.mails) == 1


@pytest.mark.parametrize("reply", [DROP, SILENT, "banana", "199 what"])
def test_after_the_dot_only_an_answer_is_certain(relay, reply):
    with closing(SmtpTransport(SmtpUrl("127.0.0.1", relay.port, Tls.NONE), Timeouts(dot=0.3))) as transport:
        relay.script["DOT"] = reply
        assert isinstance(transport.hand_over(MAIL, lambda: True), InDoubt)
        relay.script.clear()
        assert isinstance(transport.hand_over(MAIL, lambda: True), Accepted)


def test_whoever_says_no_before_the_dot_has_sent_nothing(relay, transport):
    heard = []
    assert transport.hand_over(MAIL, lambda: bool(heard.extend(relay.heard))) == Withdrawn()
    assert "DATA" in heard
    assert "DOT" not in heard + relay.heard
    assert relay.mails == []


def test_a_kept_connection_that_died_is_opened_again_and_nothing_fails(relay, transport):
    transport.hand_over(MAIL, lambda: True)
    relay.hang_up()
    assert isinstance(transport.hand_over(MAIL, lambda: True), Accepted)
    assert relay.connections == 2


def test_nobody_at_the_door():
    assert SmtpTransport(SmtpUrl("127.0.0.1", 1, Tls.NONE)).hand_over(MAIL, lambda: True).failure is Failure.NO_RELAY


def test_a_login_that_is_refused_blames_us_and_not_the_lead(relay):
    relay.script |= {"EHLO": "250-relay\r\n250 AUTH PLAIN", "AUTH": "535 5.7.8 wrong"}
    client = SmtpTransport(SmtpUrl("127.0.0.1", relay.port, Tls.NONE, "user", "secret"))
    assert client.hand_over(MAIL, lambda: True).failure is Failure.SENDER_REFUSED


def test_a_relay_without_starttls_is_not_talked_to_in_the_clear(relay):
    client = SmtpTransport(SmtpUrl("127.0.0.1", relay.port, Tls.STARTTLS, "user", "secret"))
    assert client.hand_over(MAIL, lambda: True).failure is Failure.NO_RELAY
    assert "AUTH" not in relay.heard
    assert relay.mails == []


def test_a_long_reply_is_not_cut_before_the_reader_is_out_of_it(relay, transport):
    relay.script["RCPT"] = f"451 4.7.1 {'x' * 190} ann"
    said = transport.hand_over(MAIL, lambda: True)
    assert said.reply.endswith(" ann")
    assert "ann" not in discreet(said, Reader("ann@example.com")).reply


@pytest.mark.parametrize("letters", [199, 200, 201, 5000])
def test_two_hundred_letters_of_what_a_relay_says_are_kept(letters):
    said, ben = "x" * letters, Reader("ben@example.com")
    assert discreet(Failed(Failure.DEFERRED, said), ben) == Failed(Failure.DEFERRED, "x" * min(letters, 200))
    assert discreet(InDoubt(said), ben) == InDoubt("x" * min(letters, 200))


@pytest.mark.parametrize(("bytes_said", "failure"), [(60_000, Failure.DEFERRED), (70_000, Failure.UNREACHABLE)])
def test_a_reply_is_heard_up_to_sixty_four_kilobytes(relay, transport, bytes_said, failure):
    lines = bytes_said // 500
    relay.script["RCPT"] = "\r\n".join([f"451-{'x' * 494}"] * lines + ["451 later"])
    assert transport.hand_over(MAIL, lambda: True).failure is failure
