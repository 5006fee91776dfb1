"""A rehearsal on real data: the campaign goes on for everyone, and the ledger does not say that they have the mail."""

from dataclasses import replace

from nurture.runtime import build_runtime
from nurture.service.signup import Request, sign_up
from nurture.transport.rehearsal import Rehearsal


def test_a_captured_mail_is_settled_under_its_name_and_the_next_one_comes(any_installation, tmp_path):
    installation = any_installation
    rehearsal = Rehearsal(installation.transport, frozenset({"ann@example.com"}), tmp_path / "inbox")
    installation.runtime = replace(installation.runtime, transport=rehearsal)
    for email in ("ann@example.com", "bob@example.com"):
        sign_up(installation.runtime, Request(email, "lumbar-sciatica"))
    installation.work()
    captured = "captured in a rehearsal (NURTURE_ONLY_TO)"
    assert [(state, reason) for _, state, reason in installation.ledger()] == [("sent", None), ("sent", captured)]
    installation.clock.forward(days=1)
    installation.work()
    assert len(installation.sent()) == 4
    assert {mail.recipient for mail in installation.transport.mails} == {"ann@example.com"}


def test_every_runtime_of_such_an_installation_is_one_of_a_rehearsal(settings):
    named = frozenset({"ann@example.com"})
    transport = build_runtime(replace(settings, only_to=named, smtp_url="smtp://127.0.0.1")).transport
    assert isinstance(transport, Rehearsal)
    assert (transport.only_to, transport.mailbox) == (named, settings.var / "inbox")
