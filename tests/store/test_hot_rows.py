"""On PostgreSQL, to note that workers were told of a delivery touches no index: there is room beside the row."""

import pytest
from sqlalchemy import text

from nurture.domain.message import MailKind
from nurture.store import deliveries, enrolments, outbox
from nurture.store.deliveries import NewDelivery
from nurture.store.enrolments import NewEnrolment
from nurture.store.leads import add_lead
from tests.store.test_ledger import ANN, NOW

COUNT = "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_xact_user_tables WHERE relname = 'deliveries'"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_mark_that_workers_were_told_is_written_beside_the_row(database):
    with database.begin() as connection:
        lead, _ = add_lead(connection, ANN, NOW)
        for start in range(0, 300, 100):
            of = [
                enrolments.add_enrolment(connection, NewEnrolment(lead.id, "drip", str(start + n)), NOW)
                for n in range(100)
            ]
            news = [
                NewDelivery(each, lead.id, "staying-active", MailKind.NURTURE, f"<{each}.{'x' * 30}@x>") for each in of
            ]
            outbox.mark_dispatched(connection, deliveries.queue_all(connection, news, NOW))
        updated, in_place = connection.execute(text(COUNT)).one()
    assert updated == 300
    assert in_place > 0.9 * updated
