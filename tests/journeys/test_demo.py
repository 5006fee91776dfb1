"""A month of the demo, on real parts under the stepped clock, held against the simulator."""

from collections import Counter

import pytest

from nurture.local.demo.demo_leads import DEMO_LEADS
from nurture.local.demo.run import Demo
from nurture.local.inbox.maildir import list_mail
from nurture.local.port import listen
from tests.conftest import MONDAY


@pytest.fixture(scope="module")
def month(home, tmp_path_factory):
    from nurture.config.settings import load_settings  # noqa: PLC0415

    environment = {"NURTURE_HOME": str(home), "NURTURE_VAR": str(tmp_path_factory.mktemp("demo"))}
    demo = Demo(load_settings(environment), listen("127.0.0.1", 0), 30, MONDAY)
    instants = list(demo.run())
    result, mails = demo.result(), list_mail(demo.mailbox)
    demo.close()
    return result, mails, instants


def test_every_mail_foretold_arrives_once_at_its_very_instant_and_none_else(month):
    result, mails, _ = month
    assert (result.missing, result.unforeseen) == ((), ())
    assert (result.duplicates, result.uncertain) == (0, 0)
    assert len(mails) == sum(result.sent.values()) > 20
    assert max(Counter(mail.message_id for mail in mails).values()) == 1


def test_the_month_takes_less_than_two_minutes(month):
    assert month[0].real_seconds < 120


def test_each_of_the_three_leads_gets_what_follows_from_what_they_do(month):
    result, mails, _ = month
    assert result.sent["lumbar-sciatica/report"] == len(DEMO_LEADS)
    assert {result.sent[f"discovery-visit/{step}"] for step in ("thank-you", "missed-you", "another-time")} == {1}
    carys = [mail for mail in mails if mail.recipient == "carys@leads.example"]
    assert len(carys) < len([mail for mail in mails if mail.recipient == "ben@leads.example"])


def test_the_clock_only_ever_moves_forward(month):
    instants = month[2]
    assert instants == sorted(set(instants))
