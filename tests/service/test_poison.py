"""What cannot be decided or made fails alone, with its reason."""

import pytest
from sqlalchemy import text

from nurture.domain.consent import Consent
from nurture.service.delivery.build import UNRENDERABLE
from nurture.service.request import Request
from nurture.service.signup import sign_up
from nurture.store.leads import lead_by_email


def ask(installation, email, **more):
    return sign_up(installation.runtime, Request(email, "lumbar-sciatica", **more))


@pytest.fixture
def quiet(caplog):
    caplog.set_level("CRITICAL")


def test_an_enrolment_that_cannot_be_decided_holds_nobody_up(any_installation, quiet):
    installation = any_installation
    ask(installation, "odd@example.com")
    ask(installation, "ann@example.com")
    installation.work()
    with installation.runtime.database.begin() as connection:
        connection.execute(text("UPDATE leads SET zone = 'Mars/Base' WHERE email = 'odd@example.com'"))
    installation.clock.forward(days=1)
    installation.work()
    assert installation.sent().count("lumbar-sciatica/dry-needling") == 1
    with installation.runtime.database.begin() as connection:
        connection.execute(text("UPDATE leads SET zone = 'UTC' WHERE email = 'odd@example.com'"))
    installation.clock.forward(hours=1)
    installation.work()
    assert installation.sent().count("lumbar-sciatica/dry-needling") == 2


def spoil(installation, zone="Mars/Base"):
    with installation.runtime.database.begin() as connection:
        connection.execute(text(f"UPDATE leads SET zone = '{zone}' WHERE email = 'odd@example.com'"))  # noqa: S608


def abandon(installation, state):
    """A worker took the odd lead's report this far, and its lease has lapsed."""
    ask(installation, "odd@example.com")
    with installation.runtime.database.begin() as connection:
        lapsed = {"state": state, "at": "2001-01-01 00:00:00.000000"}
        connection.execute(text("UPDATE deliveries SET state = :state, attempts = 1, leased_until = :at"), lapsed)


@pytest.mark.parametrize(("state", "ends"), [("claimed", "queued"), ("handed", "uncertain")])
def test_a_lost_worker_and_a_lead_that_cannot_be_decided_stop_no_sweep(any_installation, quiet, state, ends):
    installation = any_installation
    abandon(installation, state)
    spoil(installation)
    ask(installation, "ann@example.com")
    installation.work()
    assert installation.sent() == ["lumbar-sciatica/report"]
    assert installation.ledger()[0][1] == ends
    assert "cannot be decided" in installation.ledger()[0][2]
    spoil(installation, "UTC")
    installation.clock.forward(hours=1)
    installation.work()
    assert installation.sent().count("lumbar-sciatica/report") == (2 if ends == "queued" else 1)


def test_what_takes_its_worker_along_every_time_is_given_up(any_installation):
    installation = any_installation
    abandon(installation, "claimed")
    with installation.runtime.database.begin() as connection:
        connection.execute(text("UPDATE deliveries SET attempts = 40"))
    installation.work()
    assert installation.ledger()[0] == ("lumbar-sciatica/report", "failed", "worker lost")


CHANGES = ["email = 'zoë@example.com'", "name = 'Ann' || char(10) || 'Bcc: eve@example.com'", "name = '=?utf-8?q?x?='"]


@pytest.mark.parametrize("change", CHANGES)
def test_a_lead_that_no_mail_can_carry_waits_alone(installation, quiet, change):
    """Typed in by nobody: every way in refuses such a lead. It came with a ledger from elsewhere."""
    ask(installation, "odd@example.com")
    ask(installation, "ann@example.com")
    with installation.runtime.database.begin() as connection:
        connection.execute(text(f"UPDATE leads SET {change} WHERE email = 'odd@example.com'"))  # noqa: S608
    installation.work()
    assert [mail.recipient for mail in installation.transport.mails] == ["ann@example.com"]
    [(_, state, reason)] = [row for row in installation.ledger() if row[1] != "sent"]
    assert (state, reason.partition(":")[0]) == ("queued", UNRENDERABLE)
    assert "example.com" not in reason


def test_a_publisher_that_fails_never_fails_a_signup(installation):
    signup = ask(installation, "ann@example.com", consent=Consent("Yes.", "/"))
    with installation.runtime.database.read() as connection:
        assert lead_by_email(connection, "ann@example.com").id == signup.lead.id
    installation.work()
    assert installation.sent() == ["lumbar-sciatica/report"]
