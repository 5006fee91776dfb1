"""`nurture delivery`: the ledger of what was and was not sent."""

import click

from nurture.cli.number import NUMBER
from nurture.cli.open_runtime import open_runtime
from nurture.cli.show import Row, accepted, as_json, counted, iso, refuse, show_fields, show_rows
from nurture.domain.delivery_state import DeliveryState
from nurture.domain.message import MailKind
from nurture.runtime import Runtime
from nurture.service import in_doubt
from nurture.service.message_id import message_id
from nurture.store.queries.delivery_list import Listed, gone_twice, listed

# What staff can do about what they see, said where they see it.
_THEN = {
    "uncertain": "Each of these has arrived or not. nurture delivery settle ID sent (or unsent)\n"
    "records which; nurture delivery retry ID sends it once more.",
    "twice": "Each of these was in doubt and went once more: its reader has one, or two that are the\n"
    "same to the byte.",
    "failed": "None of these was sent. Once the reason is gone, nurture delivery retry ID sends\none once more.",
}


@click.group()
def delivery() -> None:
    """What was and was not sent, and why."""


@delivery.command("list")
@click.option("--state", type=click.Choice([state.value for state in DeliveryState]), help="Only these.")
@click.option("--twice", is_flag=True, help="Only what may have gone more than once.")
@click.option("--limit", type=NUMBER, default=1000, show_default=True, help="How many at most.")
@as_json
def list_(state: str | None, limit: int, *, twice: bool, as_json: bool) -> None:
    """Deliveries, the latest first."""
    if twice and state:
        raise click.UsageError("--twice lists what may have gone twice, whatever its state: leave out --state.")
    runtime = open_runtime()
    with runtime.database.read() as connection:
        chosen = gone_twice(connection, limit) if twice else listed(connection, state=state, limit=limit)
    rows = [_row(runtime, each) for each in chosen]
    columns = ("id", "at", "state", "mail", "email", "reason")
    show_rows(rows, columns, as_json=as_json, empty="No deliveries.")
    if rows and not as_json and (then := _THEN.get("twice" if twice else state or "")):
        click.echo(f"\n{then}", err=True)


@delivery.command("show")
@click.argument("number", type=NUMBER, metavar="ID")
@as_json
def show(number: int, *, as_json: bool) -> None:
    """One delivery, whole."""
    runtime = open_runtime()
    with runtime.database.read() as connection:
        found = listed(connection, delivery_id=number)
    if not found:
        refuse(f"There is no delivery {number}. See `nurture delivery list`.")
    show_fields(_row(runtime, found[0]), as_json=as_json)


@delivery.command("settle")
@click.argument("numbers", type=NUMBER, nargs=-1, required=True, metavar="ID...")
@click.argument("outcome", type=click.Choice(["sent", "unsent"]))
def settle(numbers: tuple[int, ...], outcome: str) -> None:
    """Say of deliveries in doubt that they were sent, or that they were not. No mail goes out by it."""
    runtime = open_runtime()
    for number in numbers:
        accepted(in_doubt.settle(runtime, number, was_sent=outcome == "sent"))
        click.echo(f"Delivery {number} is on record as {outcome}.")


@delivery.command("retry")
@click.argument("numbers", type=NUMBER, nargs=-1, required=True, metavar="ID...")
def retry(numbers: tuple[int, ...]) -> None:
    """Send deliveries that failed or are in doubt once more, under the same Message-ID, if the lead may get them."""
    runtime = open_runtime()
    for number in numbers:
        accepted(in_doubt.retry(runtime, number))
        click.echo(f"Delivery {number} goes once more.")


@delivery.command("release")
@click.option("--dry-run", is_flag=True, help="Say how many would go, and send none.")
def release(*, dry_run: bool) -> None:
    """Send what is held since a copy of the ledger was put back, what a refused sender stopped or could not be made."""
    runtime = open_runtime()
    count = in_doubt.release(runtime, dry_run=dry_run)
    goes = "would go" if dry_run else "goes" if count == 1 else "go"
    click.echo(f"{counted(count, 'held mail')} {goes} once more.")


def _row(runtime: Runtime, each: Listed) -> Row:
    one, zone = each.delivery, runtime.settings.clinic.zone
    return {
        "id": one.id,
        "lead": one.lead_id,
        "email": (runtime.settings.desk_address or "the desk") if one.kind is MailKind.STAFF else each.email,
        "mail": f"{each.campaign}/{one.step}",
        "kind": one.kind.value,
        "state": one.state.value,
        "reason": one.reason,
        "attempts": one.attempts,
        "doubts": one.times_in_doubt,
        "at": iso(one.settled_at or one.not_before, zone),
        "queued_at": iso(one.queued_at, zone),
        "settled_at": iso(one.settled_at, zone),
        "handed_at": iso(one.handed_at, zone),
        "message_id": one.message_id or message_id(runtime, each.enrolment_public_id, one.step),
    }
