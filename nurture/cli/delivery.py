"""`nurture delivery`: the ledger of what was and was not sent."""

import click

from nurture.cli.house import open_house
from nurture.cli.show import Row, as_json, iso, refuse, show_fields, show_rows
from nurture.domain.enrolment import DeliveryState
from nurture.service.compose import message_id
from nurture.service.runtime import Runtime
from nurture.store.deliveries import Listed, listed


@click.group()
def delivery() -> None:
    """What was and was not sent, and why."""


@delivery.command("list")
@click.option("--state", type=click.Choice([state.value for state in DeliveryState]), help="Only these.")
@click.option("--limit", type=click.IntRange(1), default=1000, show_default=True, help="How many at most.")
@as_json
def list_(state: str | None, limit: int, *, as_json: bool) -> None:
    """Deliveries, the latest first."""
    runtime = open_house()
    with runtime.database.read() as connection:
        rows = [_row(runtime, each) for each in listed(connection, state=state, limit=limit)]
    columns = ("id", "at", "state", "mail", "email", "reason")
    show_rows(rows, columns, as_json=as_json, empty="No deliveries.")


@delivery.command("show")
@click.argument("number", type=int, metavar="ID")
@as_json
def show(number: int, *, as_json: bool) -> None:
    """One delivery, whole."""
    runtime = open_house()
    with runtime.database.read() as connection:
        found = listed(connection, delivery_id=number)
    if not found:
        refuse(f"There is no delivery {number}. See `nurture delivery list`.")
    show_fields(_row(runtime, found[0]), as_json=as_json)


def _row(runtime: Runtime, each: Listed) -> Row:
    one, zone = each.delivery, runtime.settings.clinic.zone
    return {
        "id": one.id,
        "lead": one.lead_id,
        "email": each.email,
        "mail": f"{each.campaign}/{one.step}",
        "kind": one.kind.value,
        "state": one.state.value,
        "reason": one.reason,
        "attempts": one.attempts,
        "at": iso(one.settled_at or one.not_before, zone),
        "queued_at": iso(one.queued_at, zone),
        "settled_at": iso(one.settled_at, zone),
        "message_id": message_id(runtime, one.id),
    }
