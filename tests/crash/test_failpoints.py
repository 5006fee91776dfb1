"""A worker that dies at each step of a delivery, for each kind: what is left, and what the recovery makes of it.

Fails when `handed` is committed after the dot (before_dot then leaves `claimed`, and a second copy goes), when a
claim is not committed before connecting, and when a lapsed lease is read by the state it was claimed in.
"""

import os
import signal
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import event

from nurture.domain.message import MailKind
from nurture.runtime import Runtime
from nurture.service.delivery.bulk import deliver_bulk
from nurture.service.delivery.pipeline import deliver
from nurture.service.delivery.sender import Sender
from nurture.service.sweep import sweep
from nurture.store import deliveries, outbox
from nurture.store.schema import deliveries as table
from nurture.transport.outcome import Transport
from tests.crash.cluster import KINDS, Cluster, times
from tests.crash.oracle import judge

BEGIN, WIRE, BEFORE_HANDED, BEFORE_DOT, AFTER_250, AFTER = (
    "begin",
    "wire",
    "before handed",
    "before dot",
    "250",
    "after",
)


@dataclass(frozen=True)
class Failpoint:
    """Where the worker dies, the state it leaves, and the copies taken by then."""

    name: str
    at: tuple[str, object]
    leaves: str
    copies: int


# Transactions of one delivery: 1 claim, 2 and on reading what to say.
FAILPOINTS = [
    Failpoint("before claim", (BEGIN, 1), "queued", 0),
    Failpoint("after claim", (BEGIN, 2), "claimed", 0),
    Failpoint("connect", (WIRE, "CONNECT"), "claimed", 0),
    Failpoint("EHLO", (WIRE, "EHLO"), "claimed", 0),
    Failpoint("MAIL", (WIRE, "MAIL"), "claimed", 0),
    Failpoint("RCPT", (WIRE, "RCPT"), "claimed", 0),
    Failpoint("DATA", (WIRE, "DATA"), "claimed", 0),
    Failpoint("before handed", (BEFORE_HANDED, None), "claimed", 0),
    Failpoint("before dot", (BEFORE_DOT, None), "handed", 0),
    Failpoint("after dot", (WIRE, "DOT"), "handed", 1),
    Failpoint("after 250", (AFTER_250, None), "handed", 1),
    Failpoint("after commit", (AFTER, None), "sent", 1),
]
# In bulk the transactions are: 1 claim, 2 the group commit before the dot, 3 the one after its answer.
BULK_FAILPOINTS = [
    Failpoint("before claim", (BEGIN, 1), "queued", 0),
    *(Failpoint(verb, (WIRE, verb), "claimed", 0) for verb in ("CONNECT", "EHLO", "MAIL", "RCPT", "DATA")),
    Failpoint("before handed", (BEGIN, 2), "claimed", 0),
    Failpoint("after dot", (WIRE, "DOT"), "handed", 1),
    Failpoint("after 250", (BEGIN, 3), "handed", 1),
]
# What the table of transitions predicts for a lapsed `handed`: the state, and the copies taken after recovery.
AFTERWARDS = {MailKind.NURTURE: ("uncertain", 0), MailKind.REQUESTED: ("sent", 1), MailKind.VISIT: ("sent", 1)}


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class Dying:
    """The wire of a worker that dies around the dot."""

    transport: Transport
    at: str

    def hand_over(self, mail, before_dot):
        outcome = self.transport.hand_over(mail, lambda: self._around(before_dot))
        if self.at == AFTER_250:
            die()
        return outcome

    def pool(self, connections, journal):
        return self.transport.pool(connections, journal)

    def _around(self, before_dot):
        if self.at == BEFORE_HANDED:
            die()
        allowed = before_dot()
        if self.at == BEFORE_DOT:
            die()
        return allowed


def alone(runtime: Runtime, delivery_id: int) -> None:
    """As what a person waits for goes."""
    deliver(runtime, delivery_id)


def in_bulk(runtime: Runtime, delivery_id: int) -> None:
    """As articles go."""
    deliver_bulk(Sender(runtime), [delivery_id], lambda: False)


def work_and_die(cluster: Cluster, delivery_id: int, point: Failpoint, work=alone) -> None:
    """One worker process takes one delivery, and dies there."""
    where, number = point.at
    child = os.fork()
    if child == 0:
        runtime = cluster.fork()
        if where == BEGIN:
            seen = []
            event.listen(runtime.database.engine, "begin", lambda _: seen.append(1) or len(seen) < number or die())
        else:
            runtime = replace(runtime, transport=Dying(runtime.transport, where))
        work(runtime, delivery_id)
        die()
    if where == WIRE:
        cluster.oracle.script[number] = lambda: os.kill(child, signal.SIGKILL) or usual(number)
    os.waitpid(child, 0)
    cluster.oracle.script.clear()


def usual(verb: str) -> str:
    return {"CONNECT": "220 ready", "DATA": "354 go on"}.get(verb, "250 ok")


def queued(cluster: Cluster) -> list[int]:
    sweep(cluster.runtime)
    with cluster.runtime.database.read() as connection:
        return outbox.undispatched(connection, cluster.runtime.clock(), 10_000) or [
            row.id for row in connection.execute(table.select().where(table.c.state == "queued"))
        ]


def state_of(cluster: Cluster, number: int) -> tuple[str, MailKind]:
    with cluster.runtime.database.read() as connection:
        delivery = deliveries.delivery_by_id(connection, number)
        return delivery.state.value, delivery.kind


def die_at(cluster: Cluster, point: Failpoint, each: int, kinds=KINDS, work=alone) -> None:
    """So many workers of each kind die there, and the ledger recovers, all as the table predicts."""
    cluster.enrol(each * len(kinds), kinds)
    numbers = queued(cluster)
    assert len(numbers) == each * len(kinds)
    cluster.runtime.database.close()
    for number in numbers:
        before = cluster.oracle.count()
        work_and_die(cluster, number, point, work)
        assert (state_of(cluster, number)[0], cluster.oracle.count() - before) == (point.leaves, point.copies), point
    cluster.age()
    sweep(cluster.runtime)
    for number in numbers:
        before = cluster.oracle.count()
        deliver(cluster.runtime, number)
        state, kind = state_of(cluster, number)
        copies = cluster.oracle.count() - before
        otherwise = ("sent", 0 if point.leaves == "sent" else 1)
        assert (state, copies) == (AFTERWARDS[kind] if point.leaves == "handed" else otherwise), point


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_every_outcome_is_as_the_table_predicts(cluster, figures):
    each = times(50, 1)
    for point in FAILPOINTS:
        die_at(cluster, point, each)
    verdict = judge(cluster.runtime, cluster.oracle)
    in_doubt = each * len(KINDS) * sum(point.leaves == "handed" for point in FAILPOINTS)
    figures(f"{len(FAILPOINTS)} failpoints x {len(KINDS)} kinds x {each}, {verdict}")
    assert verdict.holds(in_doubt, 1), verdict
    assert verdict.in_doubt == in_doubt


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_every_outcome_in_bulk_is_as_the_table_predicts(cluster, figures):
    """Fails when a pool lets a dot go before its commit, or writes down an answer that has not come."""
    each = times(50, 1)
    for point in BULK_FAILPOINTS:
        die_at(cluster, point, each, (MailKind.NURTURE,), in_bulk)
    verdict = judge(cluster.runtime, cluster.oracle)
    in_doubt = each * sum(point.leaves == "handed" for point in BULK_FAILPOINTS)
    figures(f"{len(BULK_FAILPOINTS)} failpoints in bulk x {each}, {verdict}")
    assert verdict.holds(in_doubt, 1), verdict
    assert verdict.in_doubt == in_doubt
