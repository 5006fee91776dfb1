"""`nurture lead add` without an address: whoever phones and has none."""

import click

from nurture.cli.aside import say
from nurture.cli.ask import ask
from nurture.cli.lead.show import lead_row
from nurture.cli.show import accepted, show_fields
from nurture.domain.lead import Lead
from nurture.mail.report import build_report
from nurture.runtime import Runtime
from nurture.service.caller import add_caller, asked_report, who_shares
from nurture.service.request import Request
from nurture.service.signup import Signup
from nurture.service.who import named, others_with_phone


def add_by_phone(runtime: Runtime, request: Request, *, yes: bool, as_json: bool) -> None:
    """The caller is on record, and the report that was asked for lies ready to be printed."""
    known = who_shares(runtime, request)
    if known:
        ask(f"{_have_it(known)}. Add another lead with it?", yes=yes)
    report = accepted(asked_report(runtime, request))
    added = accepted(add_caller(runtime, request))
    lead = added.lead
    file = build_report(runtime.mail_kit, report) if report else None
    if as_json:
        fields = {"is_new": True, "report_file": str(file) if file else None}
        show_fields(lead_row(runtime, lead) | fields, as_json=True)
        return
    click.echo(f"Added lead {lead.id}, {lead.known_as}. Without an address no mail goes there; visits can be booked.")
    say_notes(added)
    if file:
        click.echo(f"The report to print: {file}")


def ask_if_same(runtime: Runtime, request: Request, *, yes: bool) -> None:
    """Somebody says that this is not the caller who has the phone and no address; nobody else is asked about."""
    callers = [each for each in who_shares(runtime, request) if not each.email]
    if callers:
        give = f"nurture lead edit {callers[0].id} --email {request.email} gives one"
        ask(f"{_have_it(callers)} and no address; {give}. Add another lead?", yes=yes)


def say_who_shares(runtime: Runtime, lead: Lead) -> None:
    """Whoever gave a lead a phone that others have knows of them: it may be a family's, or a slip."""
    others = others_with_phone(runtime, lead)
    if others:
        say(f"Careful: {_have_it(others)}, too.")


def say_notes(signup: Signup) -> None:
    """Whoever typed something that cannot be used knows how to put it right."""
    for note in signup.notes:
        click.echo(f"{note}. Put it right with nurture lead edit {signup.lead.id}.")


def _have_it(leads: list[Lead]) -> str:
    who, have = named(leads), "has" if len(leads) == 1 else "have"
    return f"{who[0].upper()}{who[1:]} {have} this phone"
