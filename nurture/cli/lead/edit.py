"""`nurture lead edit`: what is known of a lead, put right."""

from typing import Any

import click

from nurture.cli.ask import agrees, ask_if_meant, yes_option
from nurture.cli.confirmation import offer_confirmation
from nurture.cli.lead.caller import say_who_shares
from nurture.cli.lead.resend import say_resent
from nurture.cli.lead.show import lead_row
from nurture.cli.open_runtime import open_runtime
from nurture.cli.show import accepted, as_json, refuse, show_fields
from nurture.domain.lead import Lead
from nurture.runtime import Runtime
from nurture.service.edit import Edit
from nurture.service.edit import edit as put_right
from nurture.service.resend import last_asked
from nurture.service.who import find_lead


@click.command()
@click.argument("who")
@click.option("--email", help="Another address: enrolments go on there, and whatever holds mail back goes along.")
@click.option("--name", help="The name to greet with; empty for none.")
@click.option("--phone", help="The phone number; empty for none.")
@click.option("--zone", help="IANA time zone, such as America/Chicago.")
@click.option("--source", help="Where the lead came from.")
@click.option("--topic", "topics", multiple=True, help="A topic of interest, beside the others.")
@click.option("--no-topic", "not_topics", multiple=True, help="A topic that is none of theirs.")
@yes_option
@as_json
def edit(who: str, *, yes: bool, as_json: bool, **given: Any) -> None:
    """Put right what is known of a lead. With another address, report and confirmation are offered again."""
    runtime = open_runtime()
    known = accepted(find_lead(runtime, who))
    wanted = Edit(**given)
    if wanted == Edit():
        refuse("Nothing was given to change. See nurture lead edit -h.")
    ask_if_meant(wanted.email or "", yes=yes)
    edited = accepted(put_right(runtime, known, wanted))
    if edited.phone_e164 != known.phone_e164:
        say_who_shares(runtime, edited)
    if as_json:
        show_fields(lead_row(runtime, edited), as_json=True)
        return
    click.echo(
        f"Lead {edited.id} is as you say." if edited == known else f"Lead {edited.id}, {edited.known_as}: changed."
    )
    if edited.email != known.email:
        _offer_report(runtime, edited, yes=yes)
        offer_confirmation(runtime, edited, yes=yes)


def _offer_report(runtime: Runtime, lead: Lead, *, yes: bool) -> None:
    with runtime.database.read() as connection:
        asked = last_asked(connection, runtime, lead)
    if asked is None:
        return
    if asked.mail is not None and asked.mail.settled_at is None:
        click.echo(f"The report {asked.report}, still on its way, goes there.")
    elif agrees(f"Send the report {asked.report} to {lead.email} now?", yes=yes):
        say_resent(runtime, lead)
    else:
        click.echo(f"To send the report to this address: nurture lead resend {lead.id}")
