"""What volumes need grows with them, and is bound by whichever is scarcer: processor, or the relay's own pace."""

from benchmarks.capacity import HOURS, Cost, capacity, read_cost

COST = Cost(worker=700, database=350, broker=7, commits=0.1)
A_THOUSAND_A_SECOND = 1000 * HOURS * 3600


def test_a_core_is_never_planned_to_be_full():
    need = capacity(COST, A_THOUSAND_A_SECOND, relay_seconds=0)
    assert (need.worker, need.database, need.broker) == (1.0, 0.5, 0.01)
    assert (need.mails, need.commits, need.processes) == (1000, 100, 1)


def test_a_slow_relay_needs_connections_before_it_needs_cores():
    need = capacity(COST, A_THOUSAND_A_SECOND, relay_seconds=0.1)
    assert (need.connections, need.processes) == (100, 10)


def test_on_sqlite_the_worker_does_it_all():
    assert read_cost({"worker_us": 900.0, "broker_us": 6.0}) == Cost(900.0, 0.0, 6.0, 0.0)
