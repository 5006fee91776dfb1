"""Who says no between queue and delivery gets no article more, on both databases, and everybody else gets theirs."""

import pytest

from nurture.domain.event import Event, EventKind
from nurture.service.feedback import record_event
from nurture.service.request import Request
from nurture.service.signup import sign_up
from nurture.service.sweep import sweep
from nurture.store.leads import lock_lead

ADDRESSES = ["ann@example.com", "ben@example.com"]


@pytest.fixture
def leads(any_installation):
    """Two leads with their report, whose first article is queued."""
    asked = [sign_up(any_installation.runtime, Request(email, "lumbar-sciatica")).lead for email in ADDRESSES]
    any_installation.work()
    any_installation.transport.mails.clear()
    any_installation.clock.forward(days=1)
    sweep(any_installation.runtime)
    return asked


def say(installation, lead, kind):
    with installation.runtime.database.begin() as connection:
        lock_lead(connection, lead.id)
        record_event(connection, installation.runtime, Event(EventKind(kind), lead.id, installation.clock.now))


def readers(installation):
    installation.work()
    return [mail.recipient for mail in installation.transport.mails if mail.recipient in ADDRESSES]


@pytest.mark.parametrize("kind", ["unsubscribed", "complained", "bounced"])
@pytest.mark.parametrize("who", [0, 1])
def test_only_who_said_no_gets_nothing(any_installation, leads, who, kind):
    say(any_installation, leads[who], kind)
    assert readers(any_installation) == [ADDRESSES[1 - who]]


@pytest.mark.parametrize("who", [0, 1])
def test_only_who_takes_it_back_gets_the_article(any_installation, leads, who):
    for lead in leads:
        say(any_installation, lead, "unsubscribed")
    say(any_installation, leads[who], "resubscribed")
    assert readers(any_installation) == [ADDRESSES[who]]
