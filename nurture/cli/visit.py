"""`nurture visit`: appointments, and what becomes of them."""

from datetime import date, datetime, time, timedelta

import click

from nurture.cli.aside import say
from nurture.cli.ask import ask, is_somebody_there, yes_option
from nurture.cli.confirmation import send_again
from nurture.cli.open_runtime import open_runtime
from nurture.cli.show import Row, accepted, as_json, iso, looked_up, show_fields, show_rows
from nurture.cli.spoken import read_spoken_day, read_spoken_time
from nurture.domain.errors import Refusal
from nurture.domain.instant import parse_instant
from nurture.domain.lead import Lead
from nurture.domain.visit import Visit, VisitStatus, may_start_at
from nurture.domain.window import local_instant
from nurture.runtime import Runtime
from nurture.service import visits
from nurture.service.visit_warnings import visit_warnings
from nurture.service.who import find_lead
from nurture.store.queries.visit_list import all_visits, live_visits, visits_between, with_leads

at_option = click.option(
    "--at",
    required=True,
    help='When it starts, on the clinic\'s clock: "2026-12-01 10:00", or in words: "tomorrow 10am".',
)


@click.group()
def visit() -> None:
    """Appointments, and what becomes of them."""


@visit.command("book")
@click.argument("who")
@at_option
@yes_option
@as_json
def book(who: str, at: str, *, yes: bool, as_json: bool) -> None:
    """Book a visit for WHO (address, number or phone): the drip stops, the confirmation goes out at once."""
    runtime = open_runtime()
    accepted(find_lead(runtime, who))
    starts_at = _chosen(runtime, at, yes=yes)
    _say(runtime, accepted(visits.book(runtime, who, starts_at)), as_json=as_json)


@visit.command("reschedule")
@click.argument("which")
@at_option
@yes_option
@as_json
def reschedule(which: str, at: str, *, yes: bool, as_json: bool) -> None:
    """Move a visit; a new confirmation goes out and the reminders follow the new time."""
    runtime = open_runtime()
    known = accepted(visits.visit_of(runtime, which))
    starts_at = _chosen(runtime, at, moved_id=known.id, yes=yes)
    _say(runtime, accepted(visits.reschedule(runtime, known.id, starts_at)), as_json=as_json)


@visit.command("resend")
@click.argument("which")
def resend(which: str) -> None:
    """Send the confirmation of a visit once more, now. WHICH is a visit's number, or a lead's address or phone."""
    runtime = open_runtime()
    send_again(runtime, accepted(visits.visit_of(runtime, which)))


def _chosen(runtime: Runtime, at: str, *, moved_id: int | None = None, yes: bool) -> datetime:
    """The instant meant by `at`; whoever typed it agreed, if it was said in words or something speaks against it.

    A program that gives an exact time is warned on standard error and not asked.
    """
    zone = runtime.settings.clinic.zone
    exact = parse_instant(at, zone)
    in_words = isinstance(exact, Refusal) and exact.reason == "bad_time"
    starts_at = accepted(read_spoken_time(at, zone, runtime.clock()) if in_words else exact)
    accepted(may_start_at(starts_at, runtime.clock()))
    warnings = visit_warnings(runtime, starts_at, moved_id)
    for warning in warnings:
        say(f"Careful: {warning}")
    if in_words or (warnings and is_somebody_there()):
        ask(f"{_spoken(runtime, starts_at)}. Is that right?", yes=yes)
    return starts_at


def _change_command(what: str, words: str) -> click.Command:
    @click.command(what, help=f"{words} WHICH is a visit's number, or a lead's address or phone.")
    @click.argument("which")
    @as_json
    def command(which: str, *, as_json: bool) -> None:
        runtime = open_runtime()
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
@click.option("--today", is_flag=True, help="Today's, with what became of them.")
@click.option("--tomorrow", is_flag=True, help="Tomorrow's.")
@click.option("--day", default=None, help='Those of one day: "2026-12-01" or "tuesday".')
@click.option("--all", "everything", is_flag=True, help="Past and cancelled ones, too.")
@as_json
def list_(day: str | None, *, today: bool, tomorrow: bool, everything: bool, as_json: bool) -> None:
    """The visits to come and those whose outcome nobody has recorded."""
    if sum((today, tomorrow, day is not None)) > 1:
        raise click.UsageError("Choose one of --today, --tomorrow and --day.")
    runtime = open_runtime()
    chosen = _day(runtime, day, ahead=1 if tomorrow else 0 if today else None)
    with runtime.database.read() as connection:
        if chosen is None:
            listed = all_visits(connection) if everything else live_visits(connection)
        else:
            within = visits_between(connection, *_bounds(runtime, chosen))
            listed = [each for each in within if everything or each.status is not VisitStatus.CANCELLED]
        shown = with_leads(connection, listed)
    rows = [_row(runtime, *each) for each in shown]
    empty = f"No visits on {chosen:%A}, {chosen.isoformat()}." if chosen else "No visits."
    lines = rows if as_json else [row | {"when": _when(row), "status": row["status"].replace("_", "-")} for row in rows]
    show_rows(lines, ("id", "when", "name", "phone", "email", "status"), as_json=as_json, empty=empty)


def _day(runtime: Runtime, day: str | None, *, ahead: int | None) -> date | None:
    """The day asked for by name, or so many days ahead of today; None when none is."""
    now, zone = runtime.clock(), runtime.settings.clinic.zone
    if day is not None:
        return looked_up(read_spoken_day(day, zone, now))
    return None if ahead is None else now.astimezone(zone).date() + timedelta(days=ahead)


def _bounds(runtime: Runtime, day: date) -> tuple[datetime, datetime]:
    zone = runtime.settings.clinic.zone
    return local_instant(day, time.min, zone), local_instant(day + timedelta(days=1), time.min, zone)


def _when(row: Row) -> str:
    """The start as a table shows it, with its weekday."""
    day, _, clock = row["starts_at"].partition("T")
    return f"{row['weekday'][:3]} {day} {clock[:5]}"


def _say(runtime: Runtime, changed: Visit, *, as_json: bool) -> None:
    with runtime.database.read() as connection:
        [(_, lead)] = with_leads(connection, [changed])
    if as_json:
        show_fields(_row(runtime, changed, lead), as_json=True)
        return
    status = changed.status.value.replace("_", "-")
    click.echo(f"Visit {changed.id} of {lead.name or lead.known_as}: {_spoken(runtime, changed.starts_at)}, {status}.")


def _spoken(runtime: Runtime, at: datetime) -> str:
    local = at.astimezone(runtime.settings.clinic.zone)
    return f"{local:%A}, {local:%B} {local.day}, {local.year} at {local.hour % 12 or 12}:{local:%M} {local:%p}"


def _row(runtime: Runtime, each: Visit, lead: Lead) -> Row:
    zone = runtime.settings.clinic.zone
    return {
        "id": each.id,
        "email": lead.email or None,
        "name": lead.name,
        "phone": lead.phone,
        "weekday": f"{each.starts_at.astimezone(zone):%A}",
        "starts_at": iso(each.starts_at, zone),
        "minutes": each.minutes,
        "status": each.status.value,
    }
