"""Many processes claim the same rows at once: each row goes to one, and nobody hears of a locked database.

Fails when a claim does not compare the state it read.
"""

import multiprocessing
import random
import time
from collections import Counter

from nurture.domain.message import MailKind
from nurture.store import claims, deliveries
from nurture.store.database import Database
from nurture.store.schema import deliveries as table
from tests.crash.cluster import NOON, Cluster, times


def claim_all(url: str, numbers: list[int], seed: int, answers) -> None:
    """One process that tries rows in an order of its own, until all are gone; answers with what it claimed."""
    database, mine = Database(url), []
    random.Random(seed).shuffle(numbers)
    try:
        for start in range(0, len(numbers), 200):
            with database.read() as connection:
                chosen = table.c.id.in_(numbers[start : start + 200])
                free = [
                    deliveries.as_delivery(row)
                    for row in connection.execute(table.select().where(chosen, table.c.state == "queued"))
                ]
            for delivery in free:
                with database.begin() as connection:
                    mine += [each.id for each in claims.claim(connection, [delivery], NOON)]
        answers.put((mine, None))
    except Exception as error:
        answers.put((mine, repr(error)))
    database.close()


def test_each_row_is_claimed_once(cluster: Cluster, figures):
    processes = times(4, 2) if cluster.is_sqlite else times(16, 2)
    rows = times(100_000, 500)
    cluster.enrol(1)
    with cluster.runtime.database.begin() as connection:
        connection.execute(table.insert(), [_queued(number) for number in range(1, rows + 1)])
    cluster.runtime.database.close()
    spawn = multiprocessing.get_context("spawn")
    answers = spawn.Queue()
    began = time.monotonic()
    workers = [
        spawn.Process(target=claim_all, args=(cluster.database_url, list(range(1, rows + 1)), seed, answers))
        for seed in range(processes)
    ]
    for worker in workers:
        worker.start()
    heard = [answers.get(timeout=3000) for _ in workers]
    for worker in workers:
        worker.join()
    seconds = time.monotonic() - began
    claimed = Counter(number for mine, _ in heard for number in mine)
    shares = sorted(len(mine) for mine, _ in heard)
    figures(f"{rows} rows, {processes} processes, {seconds:.0f} s, shares {shares[0]} to {shares[-1]}")
    assert [error for _, error in heard if error] == []
    assert len(claimed) == rows
    assert set(claimed.values()) == {1}


def _queued(number: int) -> dict[str, object]:
    new = deliveries.NewDelivery(1, 1, f"step-{number}", MailKind.NURTURE, f"<{number}@x>")
    return deliveries.new_row(new, NOON) | {"state": "queued"}
