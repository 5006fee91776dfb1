"""An error of the database says what is wrong, and never which row: errors end up in logs."""

import traceback
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError, IntegrityError

from nurture.contact.phone import Phone
from nurture.store.leads import NewLead, add_lead
from nurture.store.schema import leads
from nurture.web.app import create_web

NOW = datetime(2026, 3, 2, 16, 17, tzinfo=UTC)
ANN = NewLead("ann@example.com", "h" * 32, "Ann Ohara", Phone(), ZoneInfo("UTC"), frozenset(), "page")


def test_a_unique_violation_names_the_constraint_and_no_row(database):
    with database.begin() as connection:
        lead, _ = add_lead(connection, ANN, NOW)
        other, _ = add_lead(connection, replace(ANN, email="bob@example.com", email_hash="b" * 32), NOW)
    with pytest.raises(IntegrityError) as raised, database.begin() as connection:
        connection.execute(leads.update().where(leads.c.id == other.id).values(email=lead.email))
    shown = "".join(traceback.format_exception(raised.value))
    for told in (shown, str(raised.value.orig), repr(raised.value.orig), str(raised.value.__cause__)):
        assert "email" in told
        assert "ann@example.com" not in told


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_value_that_cannot_be_read_is_not_quoted(database):
    with pytest.raises(DataError) as raised, database.read() as connection:
        connection.execute(text("SELECT CAST(CAST(:value AS TEXT) AS INTEGER)"), {"value": ANN.email})
    shown = "".join(traceback.format_exception(raised.value))
    assert "invalid input syntax for type integer" in shown
    assert "ann@" not in shown


# SQLite never quotes a row, and cannot be given a constraint afterwards.
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_no_log_of_the_page_has_the_row_that_the_database_would_not_take(any_installation, caplog, capfd):
    with any_installation.runtime.database.begin() as connection:
        connection.execute(text("ALTER TABLE leads ADD CONSTRAINT no_ann CHECK (name <> 'Ann Ohara')"))
    form = {"email": "ann@example.com", "name": "Ann Ohara", "report": "lumbar-sciatica"}
    answer = create_web(any_installation.runtime).test_client().post("/signup", data=form)
    assert answer.status_code == 500
    said = caplog.text + "".join(capfd.readouterr())
    assert "no_ann" in said
    assert not [part for part in ("ann@", "Ohara") if part in said]
