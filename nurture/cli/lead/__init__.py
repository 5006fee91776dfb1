"""`nurture lead`: the people we may write to, one file a matter."""

import click

from nurture.cli.lead.add import add
from nurture.cli.lead.edit import edit
from nurture.cli.lead.note import note
from nurture.cli.lead.preferences import replied, resubscribe_, unsubscribe_
from nurture.cli.lead.resend import resend
from nurture.cli.lead.show import find, list_, show


@click.group()
def lead() -> None:
    """The people we may write to. WHO is an address, a lead's number or a phone."""


for command in (add, list_, find, show, edit, note, resend, unsubscribe_, resubscribe_, replied):
    lead.add_command(command)
