"""The confirmation of a visit once more: because staff say so, or offered where an address was put right."""

import click

from nurture.cli.ask import agrees
from nurture.cli.show import accepted
from nurture.domain.lead import Lead
from nurture.domain.visit import Visit
from nurture.runtime import Runtime
from nurture.service.resend_visit import is_mail_on_its_way, resend_visit, visit_ahead


def send_again(runtime: Runtime, visit: Visit) -> None:
    """The confirmation is on its way once more, and whoever typed the command knows."""
    lead = accepted(resend_visit(runtime, visit))
    click.echo(f"The confirmation of visit {visit.id} is on its way to {lead.email} once more.")


def offer_confirmation(runtime: Runtime, lead: Lead, *, yes: bool) -> None:
    """Of a visit to come, its mail goes to the lead's new address, or whoever typed that knows the command for it."""
    visit = visit_ahead(runtime, lead)
    if visit is None:
        return
    with runtime.database.read() as connection:
        is_on_its_way = is_mail_on_its_way(connection, visit)
    if is_on_its_way:
        click.echo(f"The mail about visit {visit.id}, still on its way, goes there.")
    elif agrees(f"Send the confirmation of visit {visit.id} to {lead.email} now?", yes=yes):
        send_again(runtime, visit)
    else:
        click.echo(f"To send the confirmation of visit {visit.id} to this address: nurture visit resend {visit.id}")
