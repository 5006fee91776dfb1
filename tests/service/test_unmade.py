"""What cannot be made waits until it can: no attempt is counted, nobody else is held up, and it ages like any mail."""

import logging
import shutil
from dataclasses import replace
from datetime import timedelta
from itertools import takewhile

import pytest

from nurture.domain.retry import Failure
from nurture.render.renderer import Renderer
from nurture.service.checkup import check_up
from nurture.service.deliver import deliver
from nurture.service.doubts import release, retry
from nurture.service.request import Request
from nurture.service.signup import sign_up
from nurture.service.sweep import sweep
from nurture.service.visits import book
from nurture.sources import sources_digest
from nurture.store import deliveries
from nurture.transport.outcome import Doubt, Failed

REPORT = "lumbar-sciatica/report"
WHERE = f"unrenderable: emails/{REPORT}/body.txt line 2"


@pytest.fixture
def house(any_house, home, tmp_path, caplog):
    """A house on each database, with files of its own."""
    caplog.set_level(logging.ERROR)
    for name in ("config", "templates"):
        shutil.copytree(home / name, tmp_path / "home" / name)
    follow(any_house, tmp_path / "home")
    return any_house


def follow(house, home=None):
    """As a process whose files have changed does."""
    settings = replace(house.runtime.settings, home=home or house.runtime.settings.home)
    fresh = {"settings": settings, "renderer": Renderer(settings.templates), "sources": sources_digest(settings.home)}
    house.runtime = replace(house.runtime, **fresh)


def body(house, mail):
    return house.runtime.settings.templates / "emails" / mail / "body.txt"


def spoil(house, mail=REPORT):
    """The template asks for what no mail knows; returns what it said before."""
    file = body(house, mail)
    text = file.read_text()
    file.write_text("Hello\n{{ lead.shoe_size }}\n")
    follow(house)
    return text


def mend(house, text, mail=REPORT):
    body(house, mail).write_text(text)
    follow(house)


def ask(house, email="ann@example.com"):
    return sign_up(house.runtime, Request(email, "lumbar-sciatica")).lead


def attempts(house, number=1):
    with house.runtime.database.read() as connection:
        return deliveries.delivery_by_id(connection, number).attempts


def answers(house):
    # What follows the broker's answer takes seconds, and is not what these tests are about.
    said = takewhile(lambda each: each.subject != "broker", check_up(house.runtime, "redis://127.0.0.1:1/0"))
    return {each.subject: each for each in said if each.subject in {"waiting", "failed"}}


def test_it_waits_with_file_and_line_and_goes_as_soon_as_its_files_are_mended(house):
    text = spoil(house)
    ask(house)
    ask(house, "bob@example.com")
    house.work()
    assert [(state, reason[: len(WHERE)]) for _, state, reason in house.ledger()] == [("queued", WHERE)] * 2
    mend(house, text)
    house.work()
    assert house.sent() == [REPORT] * 2


def test_no_attempt_is_counted_however_often_it_is_tried(house):
    text = spoil(house)
    ask(house)
    for _ in range(8):
        house.work()
        house.clock.forward(hours=1)
    assert (house.ledger()[0][1], attempts(house)) == ("queued", 0)
    mend(house, text)
    house.transport.answers = [Failed(Failure.DEFERRED, "451 later")]
    house.work()
    assert attempts(house) == 1


def test_it_is_tried_every_hour_though_no_file_changes(house):
    with_lead(house, "name = '=?utf-8?q?x?='")
    house.clock.forward(minutes=59)
    house.work()
    with_lead(house, "name = 'Ann'")
    assert house.sent() == []
    house.clock.forward(minutes=1)
    house.work()
    assert house.sent() == [REPORT]


def with_lead(house, change):
    """Somebody's row, as no way in would write it."""
    if not house.ledger():
        ask(house)
    with house.runtime.database.begin() as connection:
        connection.exec_driver_sql(f"UPDATE leads SET {change}")  # noqa: S608
    house.work()


def hurry(house):
    """The report's mail is stale after six hours, so that its hourly attempts are soon over."""
    catalogue = house.runtime.catalogue
    drip = catalogue.campaigns["lumbar-sciatica"]
    report, *articles = drip.steps
    steps = (replace(report, stale_after=timedelta(hours=6)), *articles)
    campaigns = catalogue.campaigns | {drip.name: replace(drip, steps=steps)}
    house.runtime = replace(house.runtime, catalogue=replace(catalogue, campaigns=campaigns))


def test_the_log_tells_a_reason_once(house, caplog):
    spoil(house)
    ask(house)
    for _ in range(3):
        house.work()
        house.clock.forward(hours=1)
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == [
        "delivery 1 cannot be made and waits"
    ]


def test_it_ages_like_any_mail_and_the_next_one_takes_its_turn(house):
    hurry(house)
    spoil(house)
    ask(house)
    house.live_until(house.clock.now + timedelta(hours=7))
    mail, state, reason = house.ledger()[0]
    assert (mail, state) == (REPORT, "skipped")
    assert reason.startswith(f"stale: {WHERE}")
    house.live_until(house.clock.now + timedelta(days=2))
    assert house.sent() == ["lumbar-sciatica/dry-needling"]


def test_one_in_doubt_ages_as_a_doubt(house):
    hurry(house)
    house.transport.answers = [Doubt("no answer")]
    ask(house)
    sweep(house.runtime)
    deliver(house.runtime, 1)
    spoil(house)
    house.live_until(house.clock.now + timedelta(hours=7))
    _, state, reason = house.ledger()[0]
    assert (state, reason[:34]) == ("uncertain", "in doubt, and not again: stale: un")


def test_one_that_staff_sent_once_more_is_as_old_as_their_word(house):
    hurry(house)
    ask(house)
    house.transport.answers = [Failed(Failure.RECIPIENT_REFUSED, "550 no")]
    house.work()
    house.clock.forward(days=30)
    spoil(house)
    retry(house.runtime, 1)
    house.live_until(house.clock.now + timedelta(hours=5))
    assert house.ledger()[0][1] == "queued"
    house.live_until(house.clock.now + timedelta(hours=2))
    assert house.ledger()[0][1] == "skipped"


def test_a_confirmation_holds_no_reminder_back(house):
    ask(house)
    house.work()
    spoil(house, "discovery-visit/confirmation")
    book(house.runtime, "ann@example.com", house.clock.now + timedelta(hours=26))
    house.live_until(house.clock.now + timedelta(hours=4))
    assert ("discovery-visit/confirmation", "skipped") in [row[:2] for row in house.ledger()]
    assert house.sent()[-1] == "discovery-visit/day-before"


def test_other_mail_of_the_lead_goes_the_same_day(house):
    """At most one article a day: one that cannot be made is none."""
    ask(house)
    house.work()
    spoil(house, "_article")
    house.clock.forward(days=1)
    house.work()
    assert house.ledger()[-1][:2] == ("lumbar-sciatica/dry-needling", "queued")
    with house.runtime.database.read() as connection:
        lead = deliveries.delivery_by_id(connection, 1).lead_id
    assert nurtured_elsewhere(house, lead) is None


def nurtured_elsewhere(house, lead_id):
    """When an enrolment that begins now finds that the lead was last sent an article."""
    from nurture.store.enrolment_snapshot import load_enrolment  # noqa: PLC0415
    from nurture.store.enrolments import NewEnrolment, add_enrolment  # noqa: PLC0415

    with house.runtime.database.begin() as connection:
        number = add_enrolment(connection, NewEnrolment(lead_id, "lumbar-sciatica", "2"), house.clock.now)
        return load_enrolment(connection, number).nurtured_at


def test_a_closed_window_is_waited_for_and_a_change_of_files_does_not_open_it(house):
    ask(house)
    house.work()
    text = spoil(house, "_article")
    house.clock.forward(days=1)
    house.work()
    house.clock.forward(hours=12)
    house.work()
    opens = house.next_instant()
    mend(house, text, "_article")
    house.work()
    assert (house.sent(), house.next_instant()) == ([REPORT], opens)
    house.live_until(opens)
    assert len(house.sent()) == 2


def test_the_checkup_counts_what_waits_and_what_failed_and_names_the_commands(house):
    text = spoil(house)
    ask(house)
    ask(house, "bob@example.com")
    house.work()
    waiting = answers(house)["waiting"]
    assert waiting.words.startswith(f"2 cannot be made, all for this reason: {WHERE}")
    assert (waiting.is_good, "nurture delivery release" in waiting.words) == (False, True)
    mend(house, text)
    house.transport.answers = [Failed(Failure.MESSAGE_REFUSED, "554 spam"), Failed(Failure.RECIPIENT_REFUSED, "550")]
    house.work()
    failed = answers(house)["failed"]
    assert failed.words.startswith("2 failed in the last 30 days, 1 for this reason: ")
    assert (failed.is_good, "nurture delivery retry ID" in failed.words) == (False, True)
    house.clock.forward(days=31)
    assert answers(house) == {}


def test_release_tries_at_once(house):
    with_lead(house, "name = '=?utf-8?q?x?='")
    with house.runtime.database.begin() as connection:
        connection.exec_driver_sql("UPDATE leads SET name = 'Ann'")
    assert release(house.runtime, dry_run=True) == 1
    assert house.sent() == []
    assert release(house.runtime) == 1
    house.work()
    assert house.sent() == [REPORT]
    assert release(house.runtime) == 0
