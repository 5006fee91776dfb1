"""Questions to whoever sits at the terminal. Where nobody does, a question is a refusal; `--yes` answers every one."""

import sys

import click

from nurture.cli.aside import for_terminal
from nurture.cli.show import refuse
from nurture.contact.address import parse_address
from nurture.contact.spelling import probably_meant

yes_option = click.option("--yes", is_flag=True, help="Answer every question with yes.")


def is_somebody_there() -> bool:
    """Tell whether a person can be asked."""
    return sys.stdin.isatty()


def ask(question: str, *, yes: bool) -> None:
    """Somebody said yes; anything else ends the command with exit code 1, and nothing has been done."""
    if yes:
        return
    if not is_somebody_there():
        refuse(f"{question} Nobody is here to answer, so nothing was done. Say it again with --yes.")
    if not click.confirm(for_terminal(question), err=True):
        refuse("Nothing was done.")


def agrees(offer: str, *, yes: bool) -> bool:
    """Tell whether somebody takes what is offered; where nobody can be asked, nobody does."""
    return yes or (is_somebody_there() and click.confirm(for_terminal(offer), err=True))


def ask_if_meant(email: str, *, yes: bool) -> None:
    """Somebody stands by an address that looks like a slip; one that does not is not asked about."""
    address = parse_address(email)
    meant = probably_meant(address) if isinstance(address, str) else ""
    if meant:
        ask(f"Did you mean {meant}? Take {address} all the same?", yes=yes)
