"""`nurture visit`: appointments, and what becomes of them."""

import click

from nurture.cli.house import open_house
from nurture.cli.show import Row, accepted, as_json, iso, show_fields, show_rows
from nurture.domain.instant import parse_instant
from nurture.domain.visit import Visit
from nurture.service import visits
from nurture.service.runtime import Runtime
from nurture.store.leads import lead_by_id
from nurture.store.visits import all_visits

AT_HELP = 'When it starts, on the clinic\'s clock: "2026-12-01 10:00".'


@click.group()
def visit() -> None:
    """Appointments, and what becomes of them."""


@visit.command("book")
@click.argument("email")
@click.option("--at", required=True, help=AT_HELP)
@as_json
def book(email: str, at: str, *, as_json: bool) -> None:
    """Book a visit: the drip stops, the confirmation goes out at once."""
    runtime = open_house()
    starts_at = accepted(parse_instant(at, runtime.settings.clinic.zone))
    _say(runtime, accepted(visits.book(runtime, email, starts_at)), as_json=as_json)


@visit.command("reschedule")
@click.argument("which")
@click.option("--at", required=True, help=AT_HELP)
@as_json
def reschedule(which: str, at: str, *, as_json: bool) -> None:
    """Move a visit; a new confirmation goes out and the reminders follow the new time."""
    runtime = open_house()
    starts_at = accepted(parse_instant(at, runtime.settings.clinic.zone))
    known = accepted(visits.visit_of(runtime, which))
    _say(runtime, accepted(visits.reschedule(runtime, known.id, starts_at)), as_json=as_json)


def _change_command(what: str, words: str) -> click.Command:
    @click.command(what, help=f"{words} WHICH is a visit's number or a lead's address.")
    @click.argument("which")
    @as_json
    def command(which: str, *, as_json: bool) -> None:
        runtime = open_house()
        known = accepted(visits.visit_of(runtime, which))
        _say(runtime, accepted(visits.change(runtime, known.id, what)), as_json=as_json)

    return command


for name, words in {
    "confirm": "The lead will come.",
    "cancel": "The visit is off; a mail says so and the articles go on.",
    "attended": "The lead came.",
    "no-show": "The lead did not come; a kind mail follows, then the articles go on.",
}.items():
    visit.add_command(_change_command(name, words))


@visit.command("list")
@click.option("--all", "everything", is_flag=True, help="Past and cancelled ones, too.")
@as_json
def list_(*, everything: bool, as_json: bool) -> None:
    """The visits to come and those whose outcome nobody has recorded."""
    runtime = open_house()
    with runtime.database.read() as connection:
        found = all_visits(connection, live_only=not everything)
    rows = [_row(runtime, each) for each in found]
    show_rows(rows, ("id", "email", "starts_at", "status"), as_json=as_json, empty="No visits.")


def _say(runtime: Runtime, changed: Visit, *, as_json: bool) -> None:
    row = _row(runtime, changed)
    if as_json:
        show_fields(row, as_json=True)
        return
    click.echo(f"Visit {changed.id} of {row['email']}: {row['starts_at']}, {row['status']}.")


def _row(runtime: Runtime, each: Visit) -> Row:
    with runtime.database.read() as connection:
        lead = lead_by_id(connection, each.lead_id)
    return {
        "id": each.id,
        "email": lead.email if lead else None,
        "starts_at": iso(each.starts_at, runtime.settings.clinic.zone),
        "minutes": each.minutes,
        "status": each.status.value,
    }
