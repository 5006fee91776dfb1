"""What relays reply reaches no log, no reason and no answer of `nurture check` with the reader in it."""

import pytest

from nurture.check import check_installation
from nurture.domain.retry import Failure
from nurture.service.request import Request
from nurture.service.signup import sign_up
from nurture.transport.outcome import Failed, InDoubt

PERSON = Request("ann.ohara@example.com", "lumbar-sciatica", name="Ann O'Hara", phone="817-555-0102")
SAID = "550 5.2.2 ann.ohara (Ann O'Hara, 817.555.0102) is over quota"
LONG = "450 4.2.0 " + "x " * 91 + "ann.ohara@example.com"


@pytest.mark.parametrize(
    "outcome",
    [
        Failed(Failure.POLICY_REFUSED, SAID),
        Failed(Failure.NO_RELAY, SAID),
        Failed(Failure.RECIPIENT_REFUSED, SAID),
        Failed(Failure.DEFERRED, LONG),
        InDoubt(f"an answer that means nothing ({SAID})"),
    ],
    ids=lambda outcome: getattr(outcome, "failure", "in_doubt"),
)
def test_what_the_relay_said_is_kept_without_the_reader(any_installation, caplog, outcome):
    installation = any_installation
    caplog.set_level("DEBUG", logger="nurture")
    installation.transport.answers = [outcome, outcome]
    sign_up(installation.runtime, PERSON)
    installation.work()
    reasons = " ".join(reason or "" for _, _, reason in installation.ledger())
    checked = " ".join(each.words for each in check_installation(installation.runtime, "redis://127.0.0.1:1/0"))
    said = f"{reasons} {checked} {caplog.text}"
    assert "(address" in said
    assert not [part for part in ("ohara", "O'Hara", "555.0102", " ann") if part in said]
    assert all(len(reason or "") <= 200 for _, _, reason in installation.ledger())
