"""One connection's side of SMTP, without a socket: what is said, and what comes of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.domain.retry import Failure
from nurture.transport.outcome import Accepted, Failed, InDoubt, Outgoing
from nurture.transport.slot import Slot
from nurture.transport.transaction import transaction

ANN, BOB = (
    transaction(
        number, Outgoing("care@clinic.example", f"{name}@example.com", f"Subject: {name}\r\n\r\n.\r\n".encode())
    )
    for number, name in enumerate(("ann", "bob"), 1)
)
ENVELOPE = "MAIL FROM:<care@clinic.example>\r\nRCPT TO:<{}@example.com>\r\nDATA\r\n"
TAKEN = b"250 ok\r\n250 ok\r\n354 go on\r\n"


def said(slot):
    words = slot.unwritten.decode()
    slot.unwritten.clear()
    return words


def outcomes(results):
    return [(mail.ticket, type(outcome), getattr(outcome, "failure", None)) for mail, outcome in results]


def up_to_its_dot(*, pipelines=True):
    slot = Slot(pipelines=pipelines)
    slot.begin(ANN)
    for reply in TAKEN.splitlines(keepends=True):
        assert list(slot.hear(reply)) == []
    slot.unwritten.clear()
    return slot


def test_an_envelope_is_one_breath_and_the_next_follows_the_dot():
    slot = Slot(pipelines=True)
    slot.begin(ANN)
    assert said(slot) == ENVELOPE.format("ann")
    assert list(slot.hear(TAKEN)) == []
    assert said(slot) == "Subject: ann\r\n\r\n..\r\n"
    assert slot.is_ready
    slot.dot(BOB)
    assert said(slot) == ".\r\n" + ENVELOPE.format("bob")
    assert outcomes(slot.hear(b"250 taken\r\n" + TAKEN)) == [(1, Accepted, None)]
    assert said(slot) == "Subject: bob\r\n\r\n..\r\n"


def test_a_relay_that_wants_to_answer_each_command_is_asked_one_at_a_time():
    slot = Slot(pipelines=False)
    slot.begin(ANN)
    heard = []
    for reply in TAKEN.splitlines(keepends=True):
        heard.append(said(slot).split(" ")[0].strip())
        assert list(slot.hear(reply)) == []
    assert heard == ["MAIL", "RCPT", "DATA"]
    slot.unwritten.clear()
    slot.dot(None)
    assert said(slot) == ".\r\n"
    assert outcomes(slot.hear(b"250 taken\r\n")) == [(1, Accepted, None)]
    assert slot.is_idle


REFUSED = [
    (b"550 5.1.1 no such user\r\n503 no\r\n503 no\r\n", Failure.SENDER_REFUSED),
    (b"250 ok\r\n550 5.1.1 no such user\r\n503 no\r\n", Failure.RECIPIENT_REFUSED),
    (b"250 ok\r\n451 4.7.1 later\r\n503 no\r\n", Failure.DEFERRED),
    (b"250 ok\r\n250 ok\r\n554 not this\r\n", Failure.MESSAGE_REFUSED),
]


@pytest.mark.parametrize(("replies", "failure"), REFUSED)
def test_a_refusal_is_the_mails_own_and_the_next_mail_begins_anew(replies, failure):
    slot = Slot(pipelines=True)
    slot.begin(ANN)
    assert outcomes(slot.hear(replies)) == [(1, Failed, failure)]
    slot.unwritten.clear()
    assert slot.is_idle
    slot.begin(BOB)
    assert said(slot) == "RSET\r\n" + ENVELOPE.format("bob")
    assert list(slot.hear(b"250 ok\r\n" + TAKEN)) == []
    assert slot.is_ready


@pytest.mark.parametrize(
    "replies",
    [
        b"250 ok\r\n550 5.1.1 no such user\r\n354 go on all the same\r\n",
        b"421 4.3.2 closing\r\n",
        b"250 ok\r\nwhat?\r\n",
    ],
)
def test_what_cannot_go_on_ends_the_connection_and_sends_nothing(replies):
    slot = Slot(pipelines=True)
    slot.begin(ANN)
    slot.unwritten.clear()
    assert [(ticket, kind) for ticket, kind, _ in outcomes(slot.hear(replies))] == [(1, Failed)]
    assert (slot.is_closing, slot.is_ready, slot.unwritten) == (True, False, b"")


ANSWERS = [
    (b"250 taken\r\n", Accepted, None, False),
    (b"451 later\r\n", Failed, Failure.DEFERRED, False),
    (b"554 5.7.1 spam\r\n", Failed, Failure.POLICY_REFUSED, False),
    (b"421 closing\r\n", Failed, Failure.DEFERRED, True),
    (b"354 more\r\n", InDoubt, None, True),
    (b"what?\r\n", InDoubt, None, True),
]


@pytest.mark.parametrize(("answer", "kind", "failure", "closes"), ANSWERS)
def test_what_an_answer_to_the_dot_means(answer, kind, failure, closes):
    slot = up_to_its_dot()
    slot.dot(None)
    assert outcomes(slot.hear(answer)) == [(1, kind, failure)]
    assert slot.is_closing is closes


def test_a_lost_connection_is_certain_before_the_dot_and_a_doubt_after_it():
    assert outcomes(up_to_its_dot().lost("gone")) == [(1, Failed, Failure.UNREACHABLE)]
    slot = up_to_its_dot()
    slot.dot(BOB)
    assert outcomes(slot.lost("gone")) == [(1, InDoubt, None), (2, Failed, Failure.UNREACHABLE)]


def test_the_mail_behind_a_slow_dot_is_taken_back_and_its_late_354_finds_nobody():
    slot = up_to_its_dot()
    slot.dot(BOB)
    slot.unwritten.clear()
    assert slot.take_back() is BOB
    assert outcomes(slot.hear(b"250 taken\r\n" + TAKEN)) == [(1, Accepted, None)]
    assert (slot.is_closing, slot.unwritten) == (True, b"")


@given(st.lists(st.integers(1, 12), min_size=1))
def test_in_whatever_pieces_the_answers_come(cuts):
    def heard(pieces):
        slot, results = Slot(pipelines=True), []
        slot.begin(ANN)
        for piece in pieces:
            results += outcomes(slot.hear(piece))
            if slot.is_ready and slot.mail is ANN:
                slot.dot(BOB)
        return results, bytes(slot.unwritten), slot.is_ready

    first, second = b"250-a\r\n250 ok\r\n250 ok\r\n354 go on\r\n", b"250 taken\r\n250 ok\r\n550 no\r\n503 no\r\n"

    def pieces(text):
        place = 0
        for size in [*cuts, len(text)]:
            yield text[place : place + size]
            place += size

    assert heard([*pieces(first), *pieces(second)]) == heard([first, second])
