"""`nurture lead resend`: a report that did not arrive, once more."""

import click

from nurture.cli.house import open_house
from nurture.cli.show import accepted
from nurture.domain.lead import Lead
from nurture.service.resend import last_asked
from nurture.service.resend import resend as send_again
from nurture.service.runtime import Runtime
from nurture.service.who import find_lead


@click.command()
@click.argument("who")
def resend(who: str) -> None:
    """Send the report that a lead asked for once more, now. Articles neither start anew nor stop by it."""
    runtime = open_house()
    say_resent(runtime, accepted(find_lead(runtime, who)))


def say_resent(runtime: Runtime, lead: Lead) -> None:
    """The report is on its way once more, and whoever typed the command knows."""
    asked = accepted(send_again(runtime, lead))
    click.echo(f"The report {asked.report} is on its way to {lead.email} once more.")


def when_sent(runtime: Runtime, lead: Lead) -> str:
    """What became of the report that the lead asked for last, and the command that sends it now."""
    with runtime.database.read() as connection:
        asked = last_asked(connection, runtime, lead)
    if asked is None or asked.mail is None:
        return "The report waits to be sent."
    mail, zone = asked.mail, runtime.settings.clinic.zone
    if mail.settled_at is None:
        at = mail.queued_at.astimezone(zone)
        return (
            f"The report {asked.report} has been on its way since {at:%Y-%m-%d %H:%M}: nurture delivery show {mail.id}"
        )
    at = mail.settled_at.astimezone(zone)
    told = f"The report {asked.report} was asked for a moment ago, and is {mail.state.value} since {at:%Y-%m-%d %H:%M}."
    return f"{told} To send it now: nurture lead resend {lead.id}"
