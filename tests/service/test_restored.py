"""A ledger restored from an older copy sends nothing by itself of what may have been sent since."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from nurture.service import witness
from nurture.service.checkup import check_up
from nurture.service.doubts import release, settle
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
def house(any_house):
    """Each story on both databases."""
    return any_house


@pytest.fixture
def backup(house):
    return Backup(house.runtime.database)


def ask(house, email):
    return sign_up(house.runtime, Request(email, "lumbar-sciatica")).lead


def subjects(house):
    return sorted((mail.recipient, mail.data.partition(b"Message-ID: ")[2][:30]) for mail in house.transport.mails)


def lived_then_restored(house, backup, days):
    """A house that was copied with one mail under way, lived on for so many days, and was put back."""
    ask(house, "ann@example.com")
    house.work()
    ask(house, "bob@example.com")
    book(house.runtime, "bob@example.com", house.clock.now + timedelta(days=4))
    backup.make()
    start = house.clock.now
    house.live_until(start + timedelta(days=days))
    sent = subjects(house)
    backup.restore()
    return start, sent


@pytest.mark.parametrize("days", [0.1, 2, 9, 40])
def test_nothing_goes_twice_and_what_was_due_in_between_is_held(house, backup, days):
    _, sent = lived_then_restored(house, backup, days)
    house.work()
    assert subjects(house) == sent
    before = {mail for mail, state, _ in house.ledger() if state == "uncertain"}
    assert "lumbar-sciatica/report" in before
    assert not any(state == "queued" for _, state, _ in house.ledger())
    house.clock.forward(days=30)
    house.work()
    keys = subjects(house)
    assert len(keys) == len(set(keys)), "a mail that had been sent before the restore went again"


def test_the_checkup_says_so_and_one_command_releases(house, backup):
    lived_then_restored(house, backup, 2)
    house.work()
    ledger = next(answer for answer in check_up(house.runtime, "redis://127.0.0.1:1/0") if answer.subject == "ledger")
    assert not ledger.is_good
    assert "restored" in ledger.words
    held = release(house.runtime, dry_run=True)
    assert held > 0
    assert release(house.runtime) == held
    house.work()
    assert release(house.runtime, dry_run=True) == 0


def test_staff_can_settle_what_is_held(house, backup):
    lived_then_restored(house, backup, 2)
    house.work()
    number = next(index for index, (_, state, _) in enumerate(house.ledger(), 1) if state == "uncertain")
    settle(house.runtime, number, was_sent=True)
    assert house.ledger()[number - 1][1:] == ("sent", "settled: sent")


def test_a_released_mail_has_the_message_id_under_which_it_may_have_gone_before(house, backup):
    lived_then_restored(house, backup, 2)
    before = set(subjects(house))
    house.work()
    release(house.runtime)
    house.work()
    assert set(subjects(house)) == before


def test_row_numbers_given_out_anew_make_no_message_id_twice(house, backup):
    ask(house, "ann@example.com")
    backup.make()
    ask(house, "bob@example.com")
    house.work()
    backup.restore()
    house.work()
    ask(house, "eve@example.com")
    house.work()
    assert [mail.recipient for mail in house.transport.mails] == [
        "ann@example.com",
        "bob@example.com",
        "eve@example.com",
    ]
    assert len({identity for _, identity in subjects(house)}) == 3


def test_a_lead_that_cannot_be_decided_keeps_nobody_elses_mail_back(house, backup, caplog):
    caplog.set_level("CRITICAL")
    lived_then_restored(house, backup, 2)
    with house.runtime.database.begin() as connection:
        connection.execute(text("UPDATE leads SET zone = 'Mars/Base' WHERE email = 'ann@example.com'"))
    house.work()
    count = len(house.transport.mails)
    ask(house, "eve@example.com")
    house.work()
    assert len(house.transport.mails) == count + 1


def test_what_was_queued_before_the_first_sweep_is_held_as_well_and_released(house, backup):
    """The pages do not wait for a sweep: somebody asks right after the copy was put back."""
    lived_then_restored(house, backup, 2)
    count = len(house.transport.mails)
    ask(house, "eve@example.com")
    house.work()
    assert len(house.transport.mails) == count
    assert release(house.runtime) > 0
    house.work()
    assert "eve@example.com" in {mail.recipient for mail in house.transport.mails}


def test_who_asks_after_the_restore_is_served_at_once(house, backup):
    lived_then_restored(house, backup, 2)
    house.work()
    count = len(house.transport.mails)
    ask(house, "eve@example.com")
    house.work()
    assert len(house.transport.mails) == count + 1


def test_a_worker_asks_before_the_first_sweep_after_a_restore(house, backup):
    from nurture.service.deliver import deliver  # noqa: PLC0415

    lived_then_restored(house, backup, 2)
    count = len(house.transport.mails)
    for number in range(1, 10):
        deliver(house.runtime, number)
    assert len(house.transport.mails) == count


def test_an_ordinary_restart_holds_nothing(house):
    ask(house, "ann@example.com")
    house.work()
    house.runtime.database.close()
    house.clock.forward(days=1)
    house.work()
    assert [state for _, state, _ in house.ledger()] == ["sent", "sent"]


def test_two_workers_may_note_what_they_see_at_once(house):
    with ThreadPoolExecutor(8) as workers:
        list(workers.map(lambda sweeps: witness.note(house.runtime, witness.Seen("ledger", sweeps)), range(400)))
    assert witness.last_seen(house.runtime).name == "ledger"
    assert [file.name for file in house.runtime.settings.var.glob("ledger-seen*")] == ["ledger-seen"]
