"""No statement of the sweep, the outbox, a claim or a list of what is open reads more as the ledger grows.

A hundred thousand deliveries, each statement as the program says it, and the database's own word for how it finds the
rows. What is looked up must be looked up in an index; what is read in order, in one that holds live rows alone.
"""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import bindparam, event, text

from nurture.mail.filled import Filler
from nurture.service.delivery.build import build, try_mended
from nurture.service.delivery.claim import claim
from nurture.service.delivery.finish import finish
from nurture.service.delivery.recover import recover
from nurture.service.sweep import sweep
from nurture.store import deliveries, outbox
from nurture.store.hand_over import hand_over, handed
from nurture.store.queries.delivery_list import put_off
from nurture.store.queries.lead_card import lead_card
from nurture.store.system_state import last_sent_at
from nurture.store.types import Instant
from tests.conftest import MONDAY

LEADS, DUE, WAITING, LAPSED = 33_334, 150, 150, 20
BIG = {"deliveries", "enrolments", "leads", "earlier"}
#: The indexes that hold live rows alone, so that one may read on in them.
LIVE = {"ix_enrolments_due", "ix_deliveries_queued", "ix_deliveries_leased", "ix_deliveries_unmade"}
#: As much as is due, and no more than some times.
MOST_ROWS = 1000

NUMBERS = "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < :leads) INSERT INTO "
TABLES = (
    """leads (id, public_id, email, email_hash, name, phone, phone_e164, zone, topics, source, created_at)
    SELECT n, 'lead-' || n, n || '@example.com', 'hash-' || n, '', '', '', 'America/Chicago', '[]', 'page', :before
    FROM n""",
    """enrolments (id, public_id, lead_id, campaign, occurrence, enrolled_at, due_at)
    SELECT n, 'enrolment-' || n, n, 'lumbar-sciatica', '1', :before,
        CASE WHEN n <= :due THEN :now ELSE :later END FROM n""",
    """deliveries (id, enrolment_id, lead_id, step, kind, state, attempts, fence, times_in_doubt, queued_at, not_before,
        settled_at, leased_until, message_id)
    SELECT n + :leads * k, n, n, step, kind,
        CASE WHEN is_open THEN state ELSE 'sent' END, 1, 1, 0, :before, :before,
        CASE WHEN is_open THEN NULL ELSE :before END,
        CASE WHEN is_open AND state = 'claimed' THEN :before END,
        step || n FROM (
            SELECT n, k, step, kind, state, k = 2 AND n > :due AND n <= :due + :waiting AS is_open
            FROM (SELECT n, CASE WHEN n <= :due + :lapsed THEN 'claimed' ELSE 'queued' END AS state FROM n) AS leads
            CROSS JOIN (
                SELECT 0 AS k, 'report' AS step, 'requested' AS kind
                UNION ALL SELECT 1, 'dry-needling', 'nurture' UNION ALL SELECT 2, 'what-a-visit-is', 'nurture'
            ) AS steps
        ) AS every""",
)


@pytest.fixture
def full(any_installation):
    """The runtime of an installation with a hundred thousand deliveries, some due, some waiting, some lost."""
    numbers = {"leads": LEADS, "due": DUE, "waiting": WAITING, "lapsed": LAPSED}
    instants = {"before": MONDAY - timedelta(days=9), "now": MONDAY, "later": datetime(2999, 1, 1, tzinfo=UTC)}
    with any_installation.runtime.database.begin() as connection:
        for each in TABLES:
            used = {name: value for name, value in (numbers | instants).items() if f":{name}" in NUMBERS + each}
            typed = [bindparam(name, type_=Instant()) for name in instants if name in used]
            connection.execute(text(NUMBERS + each).bindparams(*typed), used)
        connection.execute(text("ANALYZE")) if connection.dialect.name == "postgresql" else None
    return any_installation.runtime


@pytest.fixture
def wide(full):
    """What is said against the way in which a statement of the test finds its rows."""
    objections = list[str]()
    explain = _postgresql if full.database.engine.dialect.name == "postgresql" else _sqlite

    def look(connection, _cursor, statement, parameters, _context, is_many):
        if re.match(r"\s*(SELECT|UPDATE|DELETE|WITH)\b", statement):
            cursor = connection.connection.dbapi_connection.cursor()
            found = explain(cursor, statement, parameters[0] if is_many else parameters)
            objections.extend(f"{each}: {' '.join(statement.split())}" for each in found)

    event.listen(full.database.engine, "before_cursor_execute", look)
    return objections


def _sqlite(cursor, statement, parameters):
    """Every table that is read from end to end."""
    for *_, detail in cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall():
        scanned = re.match(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?", detail)
        if scanned and scanned[1] in BIG and scanned[2] not in LIVE:
            yield detail


def _postgresql(cursor, statement, parameters):
    """Every table that is read from end to end, and every one of which too much is read."""
    analyze = "ANALYZE" if statement.lstrip().startswith("SELECT") else "COSTS"
    [[plan]] = cursor.execute(f"EXPLAIN ({analyze}, FORMAT JSON) {statement}", parameters).fetchall()
    for node in _nodes((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]):
        rows = node.get("Actual Rows", 0) + node.get("Rows Removed by Filter", 0)
        is_sought = "Index Cond" in node or node.get("Index Name") in LIVE or node["Node Type"] == "Bitmap Heap Scan"
        is_read = node.get("Relation Name", "") in BIG and node["Node Type"] != "ModifyTable"
        if is_read and (not is_sought or rows * node.get("Actual Loops", 1) > MOST_ROWS):
            yield f"{node['Node Type']} of {node['Relation Name']} by {node.get('Index Name')}, {rows} rows"


def _nodes(plan):
    yield plan
    for each in plan.get("Plans", []):
        yield from _nodes(each)


def test_a_sweep(full, wide):
    done = sweep(full)
    assert (done.decided, done.recovered) == (DUE, LAPSED)
    assert sweep(full).decided == 0
    assert wide == []


def test_mails_that_go(full, wide):
    recover(full)
    with full.database.read() as connection:
        ids = outbox.undispatched(connection, MONDAY, 100)
    assert len(ids) == 100
    with full.database.begin() as connection:
        outbox.mark_dispatched(connection, ids)
    ready = build(full, claim(full, ids), Filler(full.mail_kit).write)
    half = len(ready) // 2
    answered, others = ([handed(each.delivery, each.dated) for each in some] for some in (ready[:half], ready[half:]))
    with full.database.begin() as connection:
        outbox.mark_undispatched(connection, ids)
        assert len(hand_over(connection, [], ready[:half], MONDAY)) == half
        assert len(hand_over(connection, answered, ready[half:], MONDAY)) == half
        for each in others:
            finish(connection, full, each, (deliveries.DeliveryState.FAILED, "550"))
    assert wide == []


def test_what_people_and_probes_ask(full, wide):
    with full.database.read() as connection:
        assert last_sent_at(connection) is not None
        assert outbox.overdue(connection, MONDAY) == WAITING - LAPSED
        assert deliveries.next_attempt_at(connection) is not None
        assert put_off(connection, MONDAY) == []
        assert len(lead_card(connection, 1).mails) == 3
    try_mended(full)
    assert wide == []
