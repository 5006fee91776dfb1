"""`nurture lead unsubscribe`, `resubscribe` and `replied`: what a lead told us, by phone or by mail."""

import click

from nurture.cli.open_runtime import open_runtime
from nurture.cli.show import accepted, refuse
from nurture.domain.consent import Consent, parse_reason
from nurture.service.preferences import note_reply, unsubscribe
from nurture.service.resubscribe import resubscribe
from nurture.service.who import find_lead


@click.command("unsubscribe")
@click.argument("who")
def unsubscribe_(who: str) -> None:
    """Send no more articles and invitations to someone who asked by mail or phone. Appointments are not affected."""
    runtime = open_runtime()
    found = accepted(find_lead(runtime, who))
    if not found.email:
        refuse(f"{found.known_as} has no address and gets no mail, so there is nothing to stop.")
    is_news = unsubscribe(runtime, found)
    already = "gets" if is_news else "had asked before, and gets"
    click.echo(f"{found.known_as} {already} no more articles and invitations.")


@click.command("resubscribe")
@click.argument("who")
@click.option("--reason", required=True, help="How the lead asked for it; kept with the consent.")
def resubscribe_(who: str, *, reason: str) -> None:
    """Send articles and invitations again to someone who had stopped them and asked a member of staff for them."""
    runtime = open_runtime()
    found, said = accepted(find_lead(runtime, who)), accepted(parse_reason(reason))
    wording = f"Asked a member of staff for the articles and invitations again: {said}"
    restarted = accepted(resubscribe(runtime, found, Consent(wording, "nurture lead resubscribe"), "staff"))
    again = "again" if restarted.is_news else "already"
    goes_on = f"{', '.join(restarted.campaigns)} goes on" if restarted.campaigns else "No campaign is left to go on"
    click.echo(f"{found.known_as} gets articles and invitations {again}. {goes_on}.")


@click.command()
@click.argument("who")
def replied(who: str) -> None:
    """Someone answered one of our mails: the articles end, and a person writes back. Appointments are not affected."""
    runtime = open_runtime()
    found = accepted(find_lead(runtime, who))
    already = "has" if note_reply(runtime, found) else "was known to have"
    click.echo(f"{found.known_as} {already} answered: the articles end, and a person writes back.")
