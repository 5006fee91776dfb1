"""A lead says stop, or a visit is cancelled or moved, while the mail about it is being claimed: whoever commits first
wins, and no claim commits after the change.

Fails when the claim does not ask `decide` again under the lead's lock, and when what it asks there is what the ledger
said before: in a transaction of `repeatable read`, which a database may have as its default.
"""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, text

from nurture.domain.message import MailKind
from nurture.service import visits
from nurture.service.delivery.claim import claim
from nurture.service.delivery.pipeline import deliver
from nurture.service.preferences import unsubscribe
from nurture.store.leads import lead_by_id
from nurture.transport.outcome import Accepted, Withdrawn
from tests.crash.cluster import NOON, Cluster, times
from tests.crash.test_failpoints import queued

CHANGES = {
    "unsubscribe": (MailKind.NURTURE, unsubscribe),
    "cancel": (MailKind.VISIT, lambda runtime, lead: visits.change(runtime, lead.id, "cancel")),
    "reschedule": (
        MailKind.VISIT,
        lambda runtime, lead: visits.reschedule(runtime, lead.id, NOON + timedelta(days=7)),
    ),
}


class Taking:
    """A relay that takes everything at once."""

    def __init__(self):
        self.taken = 0

    def hand_over(self, mail, before_dot):
        if not before_dot():
            return Withdrawn()
        self.taken += 1
        return Accepted("250 taken")

    def close(self):
        """Nothing to let go."""


class Racer:
    """A thread's own connections, and when (ns) the commit it makes first began."""

    def __init__(self, cluster: Cluster) -> None:
        self.runtime = replace(cluster.fork(), transport=Taking())
        self.commits: list[int] = []
        event.listen(self.runtime.database.engine, "commit", lambda _: self.commits.append(time.monotonic_ns()))


def race(sender: Racer, changer: Racer, number: int, change) -> tuple[int | None, int]:
    """When the claim began to commit (None when there was none), and when the change had committed (ns)."""
    changed_at = [0]
    with changer.runtime.database.read() as connection:
        lead = lead_by_id(connection, number)
    # Looked up before the start: a change that wins queues a mail of its own, which may go.
    delivery_id = _delivery_of(sender, number)
    gate, taken = threading.Barrier(2), sender.runtime.transport.taken
    head_start = random.uniform(-0.004, 0.004)

    def alter() -> None:
        gate.wait()
        time.sleep(max(0.0, head_start))
        change(changer.runtime, lead)
        changed_at[0] = time.monotonic_ns()

    thread = threading.Thread(target=alter)
    thread.start()
    sender.commits.clear()
    gate.wait()
    time.sleep(max(0.0, -head_start))
    deliver(sender.runtime, delivery_id)
    thread.join()
    was_sent = sender.runtime.transport.taken > taken
    return (sender.commits[0] if was_sent else None), changed_at[0]


def _delivery_of(racer: Racer, lead_id: int) -> int:
    with racer.runtime.database.read() as connection:
        statement = text("SELECT id FROM deliveries WHERE lead_id = :lead AND attempts = 0 AND state = 'queued'")
        return connection.execute(statement, {"lead": lead_id}).scalar() or 0


POSTGRES = ["postgresql", "postgresql repeatable read", "postgresql serializable"]


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("database_url", ["sqlite", *POSTGRES], indirect=True)
def test_no_claim_commits_after_the_change(cluster, name, request, figures):
    races = 60 if " " in request.node.callspec.params["database_url"] else times(10_000, 60)
    kind, change = CHANGES[name]
    cluster.enrol(races, (kind,))
    queued(cluster)
    sender, changer = Racer(cluster), Racer(cluster)
    results = [race(sender, changer, number, change) for number in range(1, races + 1)]
    sent = sum(claimed_at is not None for claimed_at, _ in results)
    late = sum(claimed_at is not None and claimed_at > changed_at for claimed_at, changed_at in results)
    figures(f"{races} races, {sent} mails won, {races - sent} changes won, {late} claims after the change")
    sender.runtime.database.close()
    changer.runtime.database.close()
    assert late == 0
    assert 0 < sent < races


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("database_url", POSTGRES, indirect=True)
def test_a_change_that_commits_while_the_claim_waits_for_the_lock_wins(cluster, name):
    kind, change = CHANGES[name]
    cluster.enrol(1, (kind,))
    [delivery_id] = queued(cluster)
    sender, changer = Racer(cluster), Racer(cluster)
    with changer.runtime.database.read() as connection:
        lead = lead_by_id(connection, 1)
    claims = []
    with ThreadPoolExecutor(1) as pool:

        def claim_meanwhile(_connection):
            if not claims:
                claims.append(pool.submit(claim, sender.runtime, [delivery_id]))
                with pytest.raises(TimeoutError):
                    claims[0].result(timeout=0.3)

        event.listen(changer.runtime.database.engine, "commit", claim_meanwhile)
        change(changer.runtime, lead)
        assert claims[0].result() == []
    sender.runtime.database.close()
    changer.runtime.database.close()
