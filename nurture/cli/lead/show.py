"""`nurture lead list`, `find` and `show`: who they are, what they got and why not. Changes nothing."""

import click

from nurture.cli.open_runtime import open_runtime
from nurture.cli.show import Row, as_json, iso, looked_up, show_fields, show_rows
from nurture.domain.lead import Lead
from nurture.domain.line import quoted
from nurture.domain.sought import Sought
from nurture.runtime import Runtime
from nurture.service.who import find_lead, find_leads
from nurture.store.queries.lead_card import lead_card
from nurture.store.queries.lead_list import lead_list

_LISTS = {
    "campaigns": ("campaign", "enrolled_at", "next", "ended"),
    "mails": ("at", "mail", "state", "reason"),
    "consents": ("at", "page", "wording"),
    "notes": ("at", "note"),
    "events": ("at", "event"),
}


@click.command("list")
@click.option("--limited", is_flag=True, help="Only those for whom a limit on signups keeps a report back.")
@as_json
def list_(*, limited: bool, as_json: bool) -> None:
    """Every lead, the newest first."""
    runtime = open_runtime()
    with runtime.database.read() as connection:
        leads = lead_list(connection, limited=limited)
    rows = [lead_row(runtime, each) for each in leads]
    empty = "No limit keeps anything back." if limited else "No leads yet."
    show_rows(rows, ("id", "name", "phone", "email", "source"), as_json=as_json, empty=empty)


@click.command()
@click.argument("text")
@as_json
def find(text: str, *, as_json: bool) -> None:
    """Everyone of whose name, address or phone TEXT is part, in any way of writing it."""
    runtime = open_runtime()
    rows = [lead_row(runtime, each) for each in find_leads(runtime, text)]
    empty = f"Nobody's name, address or phone has {quoted(text)} in it."
    if Sought(text).says_too_little:
        empty = f"{quoted(text)} is in nobody's name or address, and for a phone three digits are needed."
    show_rows(rows, ("id", "name", "phone", "email"), as_json=as_json, empty=empty)


@click.command()
@click.argument("who")
@as_json
def show(who: str, *, as_json: bool) -> None:
    """One lead: campaigns, mails and what happened, in order."""
    runtime = open_runtime()
    found = looked_up(find_lead(runtime, who))
    zone = runtime.settings.clinic.zone
    with runtime.database.read() as connection:
        card = lead_card(connection, found.id)
    fields = lead_row(runtime, found) | {
        "held_back": ", ".join(sorted(card.held_back)) or None,
        "campaigns": [
            {
                "campaign": each.campaign,
                "enrolled_at": iso(each.enrolled_at, zone),
                "next": iso(card.next_at(each), zone),
            }
            | {"ended": each.end_reason}
            for each in card.enrolments
        ],
        "mails": [
            {"at": iso(each.delivery.settled_at or each.delivery.not_before, zone)}
            | {"mail": f"{each.campaign}/{each.delivery.step}", "state": each.delivery.state.value}
            | {"reason": each.delivery.reason}
            for each in card.mails
        ],
        "consents": [
            {"at": iso(each.given_at, zone), "page": each.page, "wording": each.wording, "version": each.version}
            for each in card.consents
        ],
        "notes": [{"at": iso(each.at, zone), "note": each.words} for each in card.notes],
        "events": [{"at": iso(each.at, zone), "event": each.kind.value} for each in card.events],
    }
    show_fields(fields, as_json=as_json)
    for name, columns in _LISTS.items():
        if not as_json and fields[name]:
            click.echo()
            show_rows(fields[name], columns, as_json=False, empty="")


def lead_row(runtime: Runtime, each: Lead) -> Row:
    """The lead as JSON says it, and as tables choose from."""
    return {
        "id": each.id,
        "email": each.email or None,
        "name": each.name,
        "phone": each.phone,
        "phone_e164": each.phone_e164 or None,
        "zone": each.zone.key,
        "topics": sorted(each.topics),
        "source": each.source,
        "created_at": iso(each.created_at, runtime.settings.clinic.zone),
    }
