"""`nurture lead unsubscribe` and `replied`: what a lead told us, by phone or by mail."""

import click

from nurture.cli.house import open_house
from nurture.cli.show import accepted
from nurture.service.preferences import note_reply, unsubscribe
from nurture.service.visits import find_lead


@click.command("unsubscribe")
@click.argument("email")
def unsubscribe_(email: str) -> None:
    """Send no more articles and invitations to someone who asked by mail or phone. Appointments are not affected."""
    runtime = open_house()
    found = accepted(find_lead(runtime, email))
    is_news = unsubscribe(runtime, found)
    already = "gets" if is_news else "had asked before, and gets"
    click.echo(f"{found.email} {already} no more articles and invitations.")


@click.command()
@click.argument("email")
def replied(email: str) -> None:
    """Someone answered one of our mails: the articles end, and a person writes back. Appointments are not affected."""
    runtime = open_house()
    found = accepted(find_lead(runtime, email))
    already = "has" if note_reply(runtime, found) else "was known to have"
    click.echo(f"{found.email} {already} answered: the articles end, and a person writes back.")
