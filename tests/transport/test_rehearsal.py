"""A rehearsal lets mail out to whom it names, and to nobody else, whatever stands in the mail."""

from dataclasses import replace

import pytest

from nurture.domain.retry import Failure
from nurture.local.inbox.maildir import list_mail
from nurture.transport.outcome import Accepted, Captured, Outgoing, Withdrawn
from nurture.transport.rehearsal import Rehearsal
from tests.conftest import Kept

MAIL = Outgoing("care@clinic.example", "bob@example.com", b"To: ann@example.com\r\nSubject: Hello\r\n\r\n.\r\n")
NAMED = frozenset({"ann@example.com", "zoe@xn--bcher-kva.example"})


@pytest.fixture
def rehearsal(tmp_path):
    return Rehearsal(Kept(), NAMED, tmp_path / "inbox")


@pytest.mark.parametrize("recipient", ["ann@example.com", "ANN@Example.com", "zoe@bücher.example"])
def test_who_is_named_gets_mail(rehearsal, recipient):
    assert isinstance(rehearsal.hand_over(replace(MAIL, recipient=recipient), lambda: True), Accepted)
    assert [mail.recipient for mail in rehearsal.relay.mails] == [recipient]
    assert not rehearsal.mailbox.exists()


@pytest.mark.parametrize("recipient", ["bob@example.com", "ann@example.com.example", "bann@example.com", "a b", ""])
def test_everybody_elses_mail_is_kept(rehearsal, recipient):
    assert rehearsal.hand_over(replace(MAIL, recipient=recipient), lambda: True) == Captured()
    assert rehearsal.relay.mails == []
    (kept,) = list_mail(rehearsal.mailbox)
    assert (kept.recipient, kept.subject) == (recipient, "Hello")
    assert kept.source.endswith(MAIL.data)


def test_what_is_no_longer_ours_to_send_is_not_kept(rehearsal):
    assert rehearsal.hand_over(MAIL, lambda: False) == Withdrawn()
    assert list_mail(rehearsal.mailbox) == []


def test_what_cannot_be_kept_is_not_sent_and_waits(rehearsal):
    rehearsal.mailbox.write_text("no folder")
    assert rehearsal.hand_over(MAIL, lambda: True).failure is Failure.NO_RELAY
    assert rehearsal.relay.mails == []
