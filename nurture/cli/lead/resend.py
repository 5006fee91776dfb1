"""`nurture lead resend`: a report that did not arrive, once more."""

import click

from nurture.cli.open_runtime import open_runtime
from nurture.cli.show import accepted
from nurture.domain.delivery_state import DeliveryState
from nurture.domain.facts import meaning_of
from nurture.domain.lead import Lead
from nurture.runtime import Runtime
from nurture.service.resend import last_asked
from nurture.service.resend import resend as send_again
from nurture.service.signup import Signup
from nurture.service.who import find_lead

# What became of a report that is over and was not skipped, to be followed by when.
_BECAME = {
    DeliveryState.SENT: "was sent",
    DeliveryState.FAILED: "could not be sent",
    DeliveryState.UNCERTAIN: "went out, though nobody can say whether it arrived,",
}


@click.command()
@click.argument("who")
def resend(who: str) -> None:
    """Send the report that a lead asked for once more, now. Articles neither start anew nor stop by it."""
    runtime = open_runtime()
    say_resent(runtime, accepted(find_lead(runtime, who)))


def say_resent(runtime: Runtime, lead: Lead) -> None:
    """The report is on its way once more, and whoever typed the command knows."""
    asked = accepted(send_again(runtime, lead))
    click.echo(f"The report {asked.report} is on its way to {lead.email} once more.")


def became_of_report(runtime: Runtime, signup: Signup) -> str:
    """What became of the report that was just asked for, and for one pressed twice the command that sends it now."""
    with runtime.database.read() as connection:
        asked = last_asked(connection, runtime, signup.lead)
    if asked is None or asked.mail is None:
        return "The report waits to be sent."
    mail, report = asked.mail, f"The report {asked.report}"
    if mail.state is DeliveryState.SKIPPED:
        return f"{report} is not sent: {meaning_of(mail.reason or '')}."
    if not signup.is_repeat:
        return f"{report} is on its way."
    when = f"{(mail.settled_at or mail.queued_at).astimezone(runtime.settings.clinic.zone):%Y-%m-%d %H:%M}"
    if mail.settled_at is None:
        return f"{report} has been on its way since {when}: nurture delivery show {mail.id}"
    told = f"{report} was asked for a moment ago. It {_BECAME[mail.state]} at {when}, and this time nothing was sent."
    return f"{told} To send it now: nurture lead resend {signup.lead.id}"
