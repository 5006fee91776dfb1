"""`nurture lead`: the people we may write to."""

import click

from nurture.cli.house import open_house
from nurture.cli.show import Row, accepted, as_json, iso, show_fields, show_rows
from nurture.domain.lead import Lead
from nurture.service.preferences import note_reply, unsubscribe
from nurture.service.runtime import Runtime
from nurture.service.signup import Request, add_by_hand, sign_up
from nurture.service.visits import find_lead
from nurture.store import deliveries, enrolments
from nurture.store.events import events_of_lead
from nurture.store.leads import all_leads
from nurture.store.suppressions import suppressions_of_leads

CONSENT_BY_STAFF = "Asked for it and agreed to the articles and invitations that follow, to a member of staff."


@click.group()
def lead() -> None:
    """The people we may write to."""


@lead.command("add")
@click.argument("email")
@click.option("--name", default="", help="The name to greet with.")
@click.option("--phone", default="", help="A phone number, for the front desk.")
@click.option("--zone", default="", help="IANA time zone, such as America/Chicago. Default: the clinic's.")
@click.option("--topic", "topics", multiple=True, help="A topic of interest; may be given several times.")
@click.option("--source", default="staff", show_default=True, help="Where the lead came from, such as phone.")
@click.option("--report", default="", help="The report asked for; it is on its way at once, and the articles follow.")
@as_json
def add(*, as_json: bool, report: str, **given: str | tuple[str, ...]) -> None:
    """Type in someone who phoned or wrote; with --report it is sent at once."""
    runtime = open_house()
    request = Request(report=report, consent=CONSENT_BY_STAFF if report else "", **given)  # type: ignore[arg-type]
    signup = accepted(sign_up(runtime, request) if report else add_by_hand(runtime, request))
    if as_json:
        show_fields(_row(runtime, signup.lead) | {"is_new": signup.is_new}, as_json=True)
        return
    already = "Added" if signup.is_new else "Already known:"
    click.echo(f"{already} lead {signup.lead.id}, {signup.lead.email}.")
    if report:
        click.echo(f"The report {report} is on its way.")


@lead.command("list")
@as_json
def list_(*, as_json: bool) -> None:
    """Every lead, the newest first."""
    runtime = open_house()
    with runtime.database.read() as connection:
        rows = [_row(runtime, each) for each in all_leads(connection)]
    show_rows(rows, ("id", "email", "name", "zone", "source"), as_json=as_json, empty="No leads yet.")


@lead.command("show")
@click.argument("email")
@as_json
def show(email: str, *, as_json: bool) -> None:
    """One lead: campaigns, mails and what happened, in order."""
    runtime = open_house()
    found = accepted(find_lead(runtime, email))
    zone = runtime.settings.clinic.zone
    with runtime.database.read() as connection:
        held = suppressions_of_leads(connection, {found.id}).get(found.id, frozenset())
        passages = enrolments.passages_of_lead(connection, found.id)
        mails = list(reversed(deliveries.listed(connection, lead_id=found.id)))
        events = events_of_lead(connection, found.id)
    fields = _row(runtime, found) | {
        "held_back": ", ".join(sorted(held)) or None,
        "campaigns": [
            {"campaign": each.campaign, "enrolled_at": iso(each.enrolled_at, zone), "next": iso(each.due_at, zone)}
            | {"ended": each.end_reason}
            for each in passages
        ],
        "mails": [
            {"at": iso(each.delivery.settled_at or each.delivery.not_before, zone)}
            | {"mail": f"{each.campaign}/{each.delivery.step}", "state": each.delivery.state.value}
            | {"reason": each.delivery.reason}
            for each in mails
        ],
        "events": [{"at": iso(each.at, zone), "event": each.kind.value} for each in events],
    }
    show_fields(fields, as_json=as_json)
    for name, columns in _LISTS.items():
        if not as_json and fields[name]:
            click.echo()
            show_rows(fields[name], columns, as_json=False, empty="")


@lead.command("unsubscribe")
@click.argument("email")
def unsubscribe_(email: str) -> None:
    """Send no more articles and invitations to someone who asked by mail or phone. Appointments are not affected."""
    runtime = open_house()
    found = accepted(find_lead(runtime, email))
    is_news = unsubscribe(runtime, found)
    already = "gets" if is_news else "had asked before, and gets"
    click.echo(f"{found.email} {already} no more articles and invitations.")


@lead.command("replied")
@click.argument("email")
def replied(email: str) -> None:
    """Someone answered one of our mails: the articles end, and a person writes back. Appointments are not affected."""
    runtime = open_house()
    found = accepted(find_lead(runtime, email))
    already = "has" if note_reply(runtime, found) else "was known to have"
    click.echo(f"{found.email} {already} answered: the articles end, and a person writes back.")


_LISTS = {
    "campaigns": ("campaign", "enrolled_at", "next", "ended"),
    "mails": ("at", "mail", "state", "reason"),
    "events": ("at", "event"),
}


def _row(runtime: Runtime, each: Lead) -> Row:
    return {
        "id": each.id,
        "email": each.email,
        "name": each.name,
        "phone": each.phone,
        "zone": each.zone.key,
        "topics": sorted(each.topics),
        "source": each.source,
        "created_at": iso(each.created_at, runtime.settings.clinic.zone),
    }
