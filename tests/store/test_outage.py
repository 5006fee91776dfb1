"""Every wait for PostgreSQL ends, and an outage is news once when it begins and once when it is over."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from sqlalchemy import text

from nurture.domain.errors import AwayError, StoreError
from nurture.store.database import Database
from nurture.store.timeouts import LedgerTimeouts
from tests.frozen import frozen

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
QUICK = LedgerTimeouts(first_word=1, lock=0.3, statement=1, silence=1.5)


@pytest.fixture
def ledger(database_url):
    with closing(Database(database_url, QUICK)) as opened:
        ask(opened)
        yield opened


def ask(ledger, question="SELECT 1"):
    with ledger.begin() as connection:
        connection.execute(text(question))


def news(ledger):
    return list(iter(ledger.outage.news, None))


def test_a_server_that_stands_still_is_waited_for_no_longer_than_said(ledger, postgres_server):
    began = time.monotonic()
    with frozen(postgres_server):
        for _ in range(3):
            with pytest.raises(AwayError, match="does not answer"):
                ask(ledger)
        took = time.monotonic() - began
    assert took < 3 * (QUICK.first_word + 2) + 1
    ask(ledger)
    went, came = news(ledger)
    assert "does not answer" in went
    assert "answers again, after" in came


def test_a_server_that_stops_in_the_middle_of_a_transaction_is_noticed_within_it(ledger, postgres_server):
    stands_still = frozen(postgres_server)
    with pytest.raises(AwayError, match=r"no answer within 1\.5 s"), ledger.begin() as connection, stands_still:
        connection.execute(text("SELECT 1"))
    ask(ledger)


def test_while_it_is_away_one_tries_and_the_others_do_not_wait(ledger, postgres_server):
    with frozen(postgres_server), ThreadPoolExecutor(1) as threads:
        with pytest.raises(AwayError):
            ask(ledger)
        trying = threads.submit(ask, ledger)
        time.sleep(0.2)
        began = time.monotonic()
        with pytest.raises(AwayError):
            ask(ledger)
        assert time.monotonic() - began < 0.5
        assert isinstance(trying.exception(), AwayError)
    ask(ledger)


def test_a_lock_and_a_statement_are_waited_for_and_are_no_outage(ledger):
    ask(ledger, "CREATE TABLE t AS SELECT 1 AS x")
    with ledger.begin() as holder:
        holder.execute(text("LOCK TABLE t"))
        with pytest.raises(StoreError, match="lock timeout") as refused:
            ask(ledger, "SELECT * FROM t")
    with pytest.raises(StoreError, match="statement timeout"):
        ask(ledger, "SELECT pg_sleep(3)")
    assert not isinstance(refused.value, AwayError)
    assert news(ledger) == []
