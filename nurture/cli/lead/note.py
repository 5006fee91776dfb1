"""`nurture lead note`: what staff should know of a lead."""

import click

from nurture.cli.open_runtime import open_runtime
from nurture.cli.show import accepted
from nurture.service.notes import note as note_down
from nurture.service.who import find_lead


@click.command()
@click.argument("who")
@click.argument("text")
def note(who: str, text: str) -> None:
    """Note something about a lead for whoever deals with them next. `nurture lead show` has it."""
    runtime = open_runtime()
    found = accepted(find_lead(runtime, who))
    accepted(note_down(runtime, found, text))
    click.echo(f"Noted for lead {found.id}, {found.known_as}.")
