"""Visitors who would like a call, and what the front desk reads of them."""

from datetime import timedelta
from email import message_from_bytes
from email.policy import default

from nurture.domain.limits import Visitor
from nurture.service.signup import Request, sign_up

DRIP, DESK = "lumbar-sciatica", "frontdesk@clinic.example"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
CALL, DIGEST = "desk-call/news", "digest"


def ask(installation, email="ann@example.com", phone="", name="Ann Miller"):
    return sign_up(
        installation.runtime, Request(email, DRIP, name=name, phone=phone, visitor=Visitor("192.0.2.0/24"))
    ).lead


def to_desk(installation):
    mails = [mail for mail in installation.transport.mails if mail.recipient == DESK]
    return [message_from_bytes(mail.data, policy=default) for mail in mails]


def text(mail):
    return mail.get_body(("plain",)).get_content()


def told(installation):
    """Every line of every mail to the desk."""
    return [line for mail in to_desk(installation) for line in text(mail).splitlines()]


def calls(installation):
    return [(state, reason) for mail, state, reason in installation.ledger() if mail == CALL]


def callers(installation, count):
    return [ask(installation, f"caller{number}@example.com", f"817 555 01{number:02}") for number in range(count)]
