"""What cannot be made waits until it can: no attempt is counted, nobody else is held up, and it ages like any mail."""

import logging
import shutil
from dataclasses import replace
from datetime import timedelta
from itertools import takewhile

import pytest

from nurture.check import check_installation
from nurture.config.sources_digest import sources_digest
from nurture.domain.retry import Failure
from nurture.render.html.renderer import Renderer
from nurture.service.delivery.pipeline import deliver
from nurture.service.in_doubt import release, retry
from nurture.service.request import Request
from nurture.service.signup import sign_up
from nurture.service.sweep import sweep
from nurture.service.visits import book
from nurture.store import deliveries
from nurture.transport.outcome import Failed, InDoubt

REPORT = "lumbar-sciatica/report"
WHERE = f"unrenderable: emails/{REPORT}/body.txt line 2"


@pytest.fixture
def installation(any_installation, home, tmp_path, caplog):
    """An installation on each database, with files of its own."""
    caplog.set_level(logging.ERROR)
    for name in ("config", "templates"):
        shutil.copytree(home / name, tmp_path / "home" / name)
    follow(any_installation, tmp_path / "home")
    return any_installation


def follow(installation, home=None):
    """As a process whose files have changed does."""
    settings = replace(installation.runtime.settings, home=home or installation.runtime.settings.home)
    fresh = {"settings": settings, "renderer": Renderer(settings.templates), "sources": sources_digest(settings.home)}
    installation.runtime = replace(installation.runtime, **fresh)


def body(installation, mail):
    return installation.runtime.settings.templates / "emails" / mail / "body.txt"


def spoil(installation, mail=REPORT):
    """The template asks for what no mail knows; returns what it said before."""
    file = body(installation, mail)
    text = file.read_text()
    file.write_text("Hello\n{{ lead.shoe_size }}\n")
    follow(installation)
    return text


def mend(installation, text, mail=REPORT):
    body(installation, mail).write_text(text)
    follow(installation)


def ask(installation, email="ann@example.com"):
    return sign_up(installation.runtime, Request(email, "lumbar-sciatica")).lead


def attempts(installation, number=1):
    with installation.runtime.database.read() as connection:
        return deliveries.delivery_by_id(connection, number).attempts


def answers(installation):
    # What follows the broker's answer takes seconds, and is not what these tests are about.
    said = takewhile(
        lambda each: each.subject != "broker", check_installation(installation.runtime, "redis://127.0.0.1:1/0")
    )
    return {each.subject: each for each in said if each.subject in {"waiting", "failed"}}


def test_it_waits_with_file_and_line_and_goes_as_soon_as_its_files_are_mended(installation):
    text = spoil(installation)
    ask(installation)
    ask(installation, "bob@example.com")
    installation.work()
    assert [(state, reason[: len(WHERE)]) for _, state, reason in installation.ledger()] == [("queued", WHERE)] * 2
    mend(installation, text)
    installation.work()
    assert installation.sent() == [REPORT] * 2


def test_no_attempt_is_counted_however_often_it_is_tried(installation):
    text = spoil(installation)
    ask(installation)
    for _ in range(8):
        installation.work()
        installation.clock.forward(hours=1)
    assert (installation.ledger()[0][1], attempts(installation)) == ("queued", 0)
    mend(installation, text)
    installation.transport.answers = [Failed(Failure.DEFERRED, "451 later")]
    installation.work()
    assert attempts(installation) == 1


def test_it_is_tried_every_hour_though_no_file_changes(installation):
    with_lead(installation, "name = '=?utf-8?q?x?='")
    installation.clock.forward(minutes=59)
    installation.work()
    with_lead(installation, "name = 'Ann'")
    assert installation.sent() == []
    installation.clock.forward(minutes=1)
    installation.work()
    assert installation.sent() == [REPORT]


def with_lead(installation, change):
    """Somebody's row, as no way in would write it."""
    if not installation.ledger():
        ask(installation)
    with installation.runtime.database.begin() as connection:
        connection.exec_driver_sql(f"UPDATE leads SET {change}")  # noqa: S608
    installation.work()


def hurry(installation):
    """The report's mail is stale after six hours, so that its hourly attempts are soon over."""
    catalogue = installation.runtime.catalogue
    drip = catalogue.campaigns["lumbar-sciatica"]
    report, *articles = drip.steps
    steps = (replace(report, stale_after=timedelta(hours=6)), *articles)
    campaigns = catalogue.campaigns | {drip.name: replace(drip, steps=steps)}
    installation.runtime = replace(installation.runtime, catalogue=replace(catalogue, campaigns=campaigns))


def test_the_log_tells_a_reason_once(installation, caplog):
    spoil(installation)
    ask(installation)
    for _ in range(3):
        installation.work()
        installation.clock.forward(hours=1)
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == [
        "delivery 1 cannot be made and waits"
    ]


def test_it_ages_like_any_mail_and_the_next_one_takes_its_turn(installation):
    hurry(installation)
    spoil(installation)
    ask(installation)
    installation.live_until(installation.clock.now + timedelta(hours=7))
    mail, state, reason = installation.ledger()[0]
    assert (mail, state) == (REPORT, "skipped")
    assert reason.startswith(f"stale: {WHERE}")
    installation.live_until(installation.clock.now + timedelta(days=2))
    assert installation.sent() == ["lumbar-sciatica/dry-needling"]


def test_one_in_doubt_ages_as_such(installation):
    hurry(installation)
    installation.transport.answers = [InDoubt("no answer")]
    ask(installation)
    sweep(installation.runtime)
    deliver(installation.runtime, 1)
    spoil(installation)
    installation.live_until(installation.clock.now + timedelta(hours=7))
    _, state, reason = installation.ledger()[0]
    assert (state, reason[:34]) == ("uncertain", "in doubt, and not again: stale: un")


def test_one_that_staff_sent_once_more_is_as_old_as_their_word(installation):
    hurry(installation)
    ask(installation)
    installation.transport.answers = [Failed(Failure.RECIPIENT_REFUSED, "550 no")]
    installation.work()
    installation.clock.forward(days=30)
    spoil(installation)
    retry(installation.runtime, 1)
    installation.live_until(installation.clock.now + timedelta(hours=5))
    assert installation.ledger()[0][1] == "queued"
    installation.live_until(installation.clock.now + timedelta(hours=2))
    assert installation.ledger()[0][1] == "skipped"


def test_a_confirmation_holds_no_reminder_back(installation):
    ask(installation)
    installation.work()
    spoil(installation, "discovery-visit/confirmation")
    book(installation.runtime, "ann@example.com", installation.clock.now + timedelta(hours=26))
    installation.live_until(installation.clock.now + timedelta(hours=4))
    assert ("discovery-visit/confirmation", "skipped") in [row[:2] for row in installation.ledger()]
    assert installation.sent()[-1] == "discovery-visit/day-before"


def test_other_mail_of_the_lead_goes_the_same_day(installation):
    """At most one article a day: one that cannot be made is none."""
    ask(installation)
    installation.work()
    spoil(installation, "_article")
    installation.clock.forward(days=1)
    installation.work()
    assert installation.ledger()[-1][:2] == ("lumbar-sciatica/dry-needling", "queued")
    with installation.runtime.database.read() as connection:
        lead = deliveries.delivery_by_id(connection, 1).lead_id
    assert nurtured_elsewhere(installation, lead) is None


def nurtured_elsewhere(installation, lead_id):
    """When an enrolment that begins now finds that the lead was last sent an article."""
    from nurture.store.enrolment_snapshot import load_enrolment  # noqa: PLC0415
    from nurture.store.enrolments import NewEnrolment, add_enrolment  # noqa: PLC0415

    with installation.runtime.database.begin() as connection:
        number = add_enrolment(connection, NewEnrolment(lead_id, "lumbar-sciatica", "2"), installation.clock.now)
        return load_enrolment(connection, number).nurtured_at


def test_a_closed_window_is_waited_for_and_a_change_of_files_does_not_open_it(installation):
    ask(installation)
    installation.work()
    text = spoil(installation, "_article")
    installation.clock.forward(days=1)
    installation.work()
    installation.clock.forward(hours=12)
    installation.work()
    opens = installation.next_instant()
    mend(installation, text, "_article")
    installation.work()
    assert (installation.sent(), installation.next_instant()) == ([REPORT], opens)
    installation.live_until(opens)
    assert len(installation.sent()) == 2


def test_the_check_counts_what_waits_and_what_failed_and_names_the_commands(installation):
    text = spoil(installation)
    ask(installation)
    ask(installation, "bob@example.com")
    installation.work()
    waiting = answers(installation)["waiting"]
    assert waiting.words.startswith(f"2 cannot be made, all for this reason: {WHERE}")
    assert (waiting.is_good, "nurture delivery release" in waiting.words) == (False, True)
    mend(installation, text)
    installation.transport.answers = [
        Failed(Failure.MESSAGE_REFUSED, "554 spam"),
        Failed(Failure.RECIPIENT_REFUSED, "550"),
    ]
    installation.work()
    failed = answers(installation)["failed"]
    assert failed.words.startswith("2 failed in the last 30 days, 1 for this reason: ")
    assert (failed.is_good, "nurture delivery retry ID" in failed.words) == (False, True)
    installation.clock.forward(days=31)
    assert answers(installation) == {}


def test_release_tries_at_once(installation):
    with_lead(installation, "name = '=?utf-8?q?x?='")
    with installation.runtime.database.begin() as connection:
        connection.exec_driver_sql("UPDATE leads SET name = 'Ann'")
    assert release(installation.runtime, dry_run=True) == 1
    assert installation.sent() == []
    assert release(installation.runtime) == 1
    installation.work()
    assert installation.sent() == [REPORT]
    assert release(installation.runtime) == 0
