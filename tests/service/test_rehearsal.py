"""A rehearsal on real data: the campaign goes on for everyone, and the ledger does not say that they have the mail."""

from dataclasses import replace

from nurture.service.runtime import build_runtime
from nurture.service.signup import Request, sign_up
from nurture.transport.rehearsal import Rehearsal


def test_a_captured_mail_is_settled_under_its_name_and_the_next_one_comes(any_house, tmp_path):
    house = any_house
    rehearsal = Rehearsal(house.transport, frozenset({"ann@example.com"}), tmp_path / "inbox")
    house.runtime = replace(house.runtime, transport=rehearsal)
    for email in ("ann@example.com", "bob@example.com"):
        sign_up(house.runtime, Request(email, "lumbar-sciatica"))
    house.work()
    captured = "captured in a rehearsal (NURTURE_ONLY_TO)"
    assert [(state, reason) for _, state, reason in house.ledger()] == [("sent", None), ("sent", captured)]
    house.clock.forward(days=1)
    house.work()
    assert len(house.sent()) == 4
    assert {mail.recipient for mail in house.transport.mails} == {"ann@example.com"}


def test_every_runtime_of_such_a_house_is_one_of_a_rehearsal(settings):
    named = frozenset({"ann@example.com"})
    transport = build_runtime(replace(settings, only_to=named, smtp_url="smtp://127.0.0.1")).transport
    assert isinstance(transport, Rehearsal)
    assert (transport.only_to, transport.mailbox) == (named, settings.var / "inbox")
