"""A ledger restored from an older copy sends nothing by itself of what may have been sent since."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from nurture.check import check_installation
from nurture.service import high_water_mark
from nurture.service.high_water_mark import HighWaterMark
from nurture.service.in_doubt import release, settle
from nurture.service.request import Request
from nurture.service.signup import sign_up
from nurture.service.visits import book
from nurture.store.database import Database


class Backup:
    """A copy of the ledger, made as its owner would: of the file, or within the server."""

    def __init__(self, database: Database) -> None:
        self._database, self._url = database, database.engine.url

    def make(self) -> None:
        self._database.close()
        if self._url.get_backend_name() == "sqlite":
            shutil.copy(self._url.database, f"{self._url.database}.copy")
        else:
            self._tell(f"CREATE DATABASE {self._url.database}_copy TEMPLATE {self._url.database}")

    def restore(self) -> None:
        self._database.close()
        if self._url.get_backend_name() == "sqlite":
            for suffix in ("-wal", "-shm"):
                Path(f"{self._url.database}{suffix}").unlink(missing_ok=True)
            shutil.copy(f"{self._url.database}.copy", self._url.database)
        else:
            self._tell(f"DROP DATABASE {self._url.database}")
            self._tell(f"ALTER DATABASE {self._url.database}_copy RENAME TO {self._url.database}")

    def _tell(self, statement: str) -> None:
        engine = create_engine(self._url.set(database="postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)
        engine.dispose()


@pytest.fixture
def installation(any_installation):
    """Each test on both databases."""
    return any_installation


@pytest.fixture
def backup(installation):
    return Backup(installation.runtime.database)


def ask(installation, email):
    return sign_up(installation.runtime, Request(email, "lumbar-sciatica")).lead


def subjects(installation):
    return sorted(
        (mail.recipient, mail.data.partition(b"Message-ID: ")[2][:30]) for mail in installation.transport.mails
    )


def lived_then_restored(installation, backup, days):
    """An installation that was copied with one mail under way, lived on for so many days, and was put back."""
    ask(installation, "ann@example.com")
    installation.work()
    ask(installation, "bob@example.com")
    book(installation.runtime, "bob@example.com", installation.clock.now + timedelta(days=4))
    backup.make()
    start = installation.clock.now
    installation.live_until(start + timedelta(days=days))
    sent = subjects(installation)
    backup.restore()
    return start, sent


@pytest.mark.parametrize("days", [0.1, 2, 9, 40])
def test_nothing_goes_twice_and_what_was_due_in_between_is_held(installation, backup, days):
    _, sent = lived_then_restored(installation, backup, days)
    installation.work()
    assert subjects(installation) == sent
    before = {mail for mail, state, _ in installation.ledger() if state == "uncertain"}
    assert "lumbar-sciatica/report" in before
    assert not any(state == "queued" for _, state, _ in installation.ledger())
    installation.clock.forward(days=30)
    installation.work()
    keys = subjects(installation)
    assert len(keys) == len(set(keys)), "a mail that had been sent before the restore went again"


def test_the_check_says_so_and_one_command_releases(installation, backup):
    lived_then_restored(installation, backup, 2)
    installation.work()
    ledger = next(
        answer
        for answer in check_installation(installation.runtime, "redis://127.0.0.1:1/0")
        if answer.subject == "ledger"
    )
    assert not ledger.is_good
    assert "restored" in ledger.words
    held = release(installation.runtime, dry_run=True)
    assert held > 0
    assert release(installation.runtime) == held
    installation.work()
    assert release(installation.runtime, dry_run=True) == 0


def test_staff_can_settle_what_is_held(installation, backup):
    lived_then_restored(installation, backup, 2)
    installation.work()
    number = next(index for index, (_, state, _) in enumerate(installation.ledger(), 1) if state == "uncertain")
    settle(installation.runtime, number, was_sent=True)
    assert installation.ledger()[number - 1][1:] == ("sent", "settled: sent")


def test_a_released_mail_has_the_message_id_under_which_it_may_have_gone_before(installation, backup):
    lived_then_restored(installation, backup, 2)
    before = set(subjects(installation))
    installation.work()
    release(installation.runtime)
    installation.work()
    assert set(subjects(installation)) == before


def test_row_numbers_given_out_anew_make_no_message_id_twice(installation, backup):
    ask(installation, "ann@example.com")
    backup.make()
    ask(installation, "bob@example.com")
    installation.work()
    backup.restore()
    installation.work()
    ask(installation, "eve@example.com")
    installation.work()
    assert [mail.recipient for mail in installation.transport.mails] == [
        "ann@example.com",
        "bob@example.com",
        "eve@example.com",
    ]
    assert len({identity for _, identity in subjects(installation)}) == 3


def test_a_lead_that_cannot_be_decided_keeps_nobody_elses_mail_back(installation, backup, caplog):
    caplog.set_level("CRITICAL")
    lived_then_restored(installation, backup, 2)
    with installation.runtime.database.begin() as connection:
        connection.execute(text("UPDATE leads SET zone = 'Mars/Base' WHERE email = 'ann@example.com'"))
    installation.work()
    count = len(installation.transport.mails)
    ask(installation, "eve@example.com")
    installation.work()
    assert len(installation.transport.mails) == count + 1


def test_what_was_queued_before_the_first_sweep_is_held_as_well_and_released(installation, backup):
    """The pages do not wait for a sweep: somebody asks right after the copy was put back."""
    lived_then_restored(installation, backup, 2)
    count = len(installation.transport.mails)
    ask(installation, "eve@example.com")
    installation.work()
    assert len(installation.transport.mails) == count
    assert release(installation.runtime) > 0
    installation.work()
    assert "eve@example.com" in {mail.recipient for mail in installation.transport.mails}


def test_who_asks_after_the_restore_is_served_at_once(installation, backup):
    lived_then_restored(installation, backup, 2)
    installation.work()
    count = len(installation.transport.mails)
    ask(installation, "eve@example.com")
    installation.work()
    assert len(installation.transport.mails) == count + 1


def test_a_worker_asks_before_the_first_sweep_after_a_restore(installation, backup):
    from nurture.service.delivery.pipeline import deliver  # noqa: PLC0415

    lived_then_restored(installation, backup, 2)
    count = len(installation.transport.mails)
    for number in range(1, 10):
        deliver(installation.runtime, number)
    assert len(installation.transport.mails) == count


def test_an_ordinary_restart_holds_nothing(installation):
    ask(installation, "ann@example.com")
    installation.work()
    installation.runtime.database.close()
    installation.clock.forward(days=1)
    installation.work()
    assert [state for _, state, _ in installation.ledger()] == ["sent", "sent"]


def test_two_workers_may_save_their_marks_at_once(installation):
    with ThreadPoolExecutor(8) as workers:
        list(
            workers.map(
                lambda sweeps: high_water_mark.save(installation.runtime, HighWaterMark("ledger", sweeps)), range(400)
            )
        )
    assert high_water_mark.load(installation.runtime).name == "ledger"
    assert [file.name for file in installation.runtime.settings.var.glob("ledger-seen*")] == ["ledger-seen"]
