"""Limits on signups from the public page, held in the ledger: one truth for every web process, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select

from nurture.check import check_installation
from nurture.domain.consent import Consent
from nurture.domain.limits import Limits, Visitor
from nurture.domain.segment import Segment
from nurture.service.enqueue import Enqueued, enqueue
from nurture.service.release import limited_leads, release
from nurture.service.resend import resend
from nurture.service.signup import Request, add_by_hand, sign_up
from nurture.service.sweep import sweep
from nurture.store.database import Database
from nurture.store.enrolments import enrolments_of_lead
from nurture.store.leads import all_leads
from nurture.store.schema import consents, signups

REPORT = "lumbar-sciatica"
SHIPPED = Limits(1, 3, 20, 30, 300, frozenset({"gmail.com"}))
WIDE = Limits(1000, 1000, 1000, 1000, 1000, frozenset())
HOME, CAFE, SERVER = Visitor("203.0.113.0/24"), Visitor("198.51.100.0/24"), Visitor("")


def limited(installation, limits):
    """The installation under these limits."""
    settings = installation.runtime.settings
    installation.runtime = replace(
        installation.runtime, settings=replace(settings, web=replace(settings.web, limits=limits))
    )
    return installation


@pytest.fixture
def strict(any_installation):
    return limited(any_installation, SHIPPED)


def ask(installation, email, visitor=HOME):
    return sign_up(installation.runtime, Request(email, REPORT, consent=Consent("Yes.", "/"), visitor=visitor))


def mailed(installation):
    installation.work()
    return [mail.recipient for mail in installation.transport.mails]


def rows(installation, table):
    with installation.runtime.database.read() as connection:
        return connection.execute(select(table)).all()


def test_one_mailbox_gets_one_mail_however_it_is_spelled(strict):
    spellings = [f"a.nn+{n}@gmail.com" for n in range(10)] + ["ANN@googlemail.com", "ann@gmail.com"]
    asked = [ask(strict, email, Visitor(f"10.0.{n}.0/24")) for n, email in enumerate(spellings)]
    assert mailed(strict) == ["a.nn+0@gmail.com"]
    # Lead, consent and the way to the download are kept of everyone.
    assert len(rows(strict, consents)) == len(spellings)
    assert len({each.enrolment_public_id for each in asked}) == len(spellings)
    assert len(limited_leads(strict.runtime)) == len(spellings) - 1


def test_one_network_is_mailed_twenty_times_an_hour_and_another_all_the_same(strict):
    for n in range(25):
        ask(strict, f"stranger{n}@example{n}.com")
    ask(strict, "guest@example.org", CAFE)
    assert len(mailed(strict)) == 21
    strict.clock.forward(minutes=61)
    ask(strict, "later@example.org")
    assert len(mailed(strict)) == 22


def test_an_employer_has_a_limit_that_a_great_provider_has_not(strict):
    for n in range(40):
        ask(strict, f"worker{n}@employer.example", Visitor(f"10.0.{n}.0/24"))
        ask(strict, f"person{n}@gmail.com", Visitor(f"10.1.{n}.0/24"))
    domains = [recipient.rpartition("@")[2] for recipient in mailed(strict)]
    assert (domains.count("employer.example"), domains.count("gmail.com")) == (30, 40)


def test_all_together_have_a_limit(any_installation):
    installation = limited(any_installation, replace(WIDE, all_an_hour=5))
    for n in range(8):
        ask(installation, f"lead{n}@example{n}.com", Visitor(f"10.0.{n}.0/24"))
    assert len(mailed(installation)) == 5


def test_the_clinics_own_server_counts_by_mailbox_alone(any_installation):
    installation = limited(any_installation, Limits(1, 1, 1, 1, 1, frozenset()))
    for email in ("ann@example.com", "ann+1@example.com", "ben@example.com", "cat@example.com"):
        ask(installation, email, SERVER)
    ask(installation, "dan@example.com")
    assert mailed(installation) == ["ann@example.com", "ben@example.com", "cat@example.com", "dan@example.com"]


def test_staff_have_no_limits_and_use_up_nobodys(any_installation):
    installation = limited(any_installation, Limits(1, 1, 1, 1, 1, frozenset()))
    for n in range(5):
        ask(installation, f"caller+{n}@example.com", None)
    ask(installation, "caller+page@example.com")
    assert len(mailed(installation)) == 6


def test_who_asks_again_the_same_day_is_shown_the_report_and_not_mailed_twice(strict):
    first = ask(strict, "ann@example.com")
    strict.clock.forward(hours=2)
    again = ask(strict, "ann@example.com")
    assert (again.enrolment_public_id, again.is_repeat) == (first.enrolment_public_id, True)
    assert mailed(strict) == ["ann@example.com"]
    assert limited_leads(strict.runtime) == []
    strict.clock.forward(hours=23)
    assert ask(strict, "ann@example.com").enrolment_public_id != first.enrolment_public_id


def test_who_was_kept_back_goes_when_asking_again_finds_room(any_installation):
    installation = limited(any_installation, replace(WIDE, network_an_hour=1))
    ask(installation, "ann@example.com")
    kept = ask(installation, "ben@example.com")
    assert ask(installation, "ben@example.com").enrolment_public_id == kept.enrolment_public_id
    assert mailed(installation) == ["ann@example.com"]
    installation.clock.forward(hours=2)
    assert ask(installation, "ben@example.com").enrolment_public_id == kept.enrolment_public_id
    assert mailed(installation) == ["ann@example.com", "ben@example.com"]
    assert limited_leads(installation.runtime) == []


def test_what_is_kept_back_stays_until_staff_release_it_and_then_begins(any_installation):
    installation = limited(any_installation, replace(WIDE, network_an_hour=1))
    for name in ("ann", "ben", "cat"):
        ask(installation, f"{name}@example.com")
    installation.live_until(installation.clock.now.replace(month=4))
    ben, cat = limited_leads(installation.runtime)
    assert {mail.recipient for mail in installation.transport.mails} == {"ann@example.com"}
    assert (release(installation.runtime, ben), release(installation.runtime, ben)) == (1, 0)
    installation.live_until(installation.clock.now.replace(month=7))
    assert installation.sent().count(f"{REPORT}/report") == 2
    bens = [mail for mail in installation.transport.mails if mail.recipient == "ben@example.com"]
    assert len(bens) == len([mail for mail in installation.transport.mails if mail.recipient == "ann@example.com"])
    assert limited_leads(installation.runtime) == [cat]


def test_sending_it_once_more_begins_what_was_kept_back(any_installation):
    installation = limited(any_installation, replace(WIDE, all_an_hour=1))
    ask(installation, "ann@example.com")
    ben = ask(installation, "ben@example.com")
    resend(installation.runtime, ben.lead)
    assert mailed(installation) == ["ann@example.com", "ben@example.com"]
    assert limited_leads(installation.runtime) == []


def test_a_campaign_for_everyone_leaves_out_whom_a_limit_keeps_back(strict):
    for n in range(5):
        ask(strict, f"victim+{n}@example.com")
    add_by_hand(strict.runtime, Request("caller@example.com", ""))
    assert enqueue(strict.runtime, REPORT, Segment("all"), dry_run=True) == Enqueued(1, 1, 4)
    assert enqueue(strict.runtime, REPORT, Segment("all")) == Enqueued(1, 1, 4)
    assert mailed(strict) == ["victim+0@example.com", "caller@example.com"]


def test_after_a_day_what_is_kept_back_is_no_news(strict):
    ask(strict, "ann@example.com")
    ask(strict, "ann+1@example.com")
    for is_good in (False, True):
        [answer] = [
            each for each in check_installation(strict.runtime, "redis://127.0.0.1:1/0") if each.subject == "signups"
        ]
        assert answer.is_good is is_good
        strict.clock.forward(hours=25)


def test_what_is_counted_says_nobodys_name_and_is_forgotten_after_a_day(strict):
    ask(strict, "ann@example.com")
    [row] = rows(strict, signups)
    assert "ann" not in str(row)
    assert "203.0" not in str(row)
    strict.clock.forward(hours=23)
    sweep(strict.runtime)
    assert len(rows(strict, signups)) == 1
    strict.clock.forward(hours=1)
    sweep(strict.runtime)
    assert rows(strict, signups) == []


def test_many_at_once_get_no_more_than_one_after_the_other(strict, database_url):
    """Each thread has connections of its own, as web processes have."""
    databases = [Database(database_url) for _ in range(8)]
    installations = [replace(strict.runtime, database=database) for database in databases]

    def flood(number):
        for n in range(8):
            email = f"a.nn+{number}x{n}@gmail.com"
            sign_up(installations[number], Request(email, REPORT, visitor=Visitor(f"10.{number}.{n}.0/24")))
            sign_up(installations[number], Request(f"s{number}x{n}@s{number}x{n}.example", REPORT, visitor=HOME))

    with ThreadPoolExecutor(len(installations)) as pool:
        list(pool.map(flood, range(len(installations))))
    for database in databases:
        database.close()
    recipients = mailed(strict)
    assert sum(recipient.endswith("@gmail.com") for recipient in recipients) == 1
    assert len(recipients) == 1 + SHIPPED.network_an_hour
    with strict.runtime.database.read() as connection:
        leads = all_leads(connection)
        assert len(leads) == 128
        assert all(len(enrolments_of_lead(connection, lead.id)) == 1 for lead in leads)
