"""`nurture lead add`: somebody phoned or wrote, and is typed in."""

import shlex

import click

from nurture.cli.ask import ask_if_meant, yes_option
from nurture.cli.lead.caller import add_by_phone, ask_if_same, say_notes, say_who_shares
from nurture.cli.lead.resend import became_of_report
from nurture.cli.lead.show import lead_row
from nurture.cli.open_runtime import open_runtime
from nurture.cli.show import accepted, as_json, show_fields
from nurture.service.agreement import consent_by_staff
from nurture.service.request import Difference, Request
from nurture.service.signup import Signup, add_by_hand, sign_up


@click.command()
@click.argument("email", default="")
@click.option("--name", default="", help="The name to greet with.")
@click.option("--phone", default="", help="A phone number, for the front desk.")
@click.option("--zone", default="", help="IANA time zone, such as America/Chicago. Default: the clinic's.")
@click.option("--topic", "topics", multiple=True, help="A topic of interest; may be given several times.")
@click.option("--source", default="staff", show_default=True, help="Where the lead came from, such as phone.")
@click.option("--report", default="", help="The report asked for; it is on its way at once, and the articles follow.")
@yes_option
@as_json
def add(*, as_json: bool, yes: bool, report: str, **given: str | tuple[str, ...]) -> None:
    """Type in someone who phoned or wrote; with --report it is sent at once.

    Whoever has no address is known by --phone alone, gets no mail, and the report is made ready to be printed.
    """
    runtime = open_runtime()
    if not given["email"]:
        add_by_phone(runtime, Request(report=report, **given), yes=yes, as_json=as_json)  # type: ignore[arg-type]
        return
    ask_if_meant(str(given["email"]), yes=yes)
    campaign = runtime.catalogue.campaign_for(report)
    consent = consent_by_staff(runtime, campaign, "nurture lead add") if campaign else None
    request = Request(report=report, consent=consent, is_sure=True, **given)  # type: ignore[arg-type]
    ask_if_same(runtime, request, yes=yes)
    signup = accepted(sign_up(runtime, request) if report else add_by_hand(runtime, request))
    if signup.is_new:
        say_who_shares(runtime, signup.lead)
    if as_json:
        differs = [{"field": each.field, "known": each.known, "given": each.given} for each in signup.differences]
        told = {"is_new": signup.is_new, "is_repeat": signup.is_repeat, "differs": differs, "notes": signup.notes}
        show_fields(lead_row(runtime, signup.lead) | told, as_json=True)
        return
    _say(signup)
    if report:
        click.echo(became_of_report(runtime, signup))


def _say(signup: Signup) -> None:
    lead = signup.lead
    click.echo(f"{'Added' if signup.is_new else 'Already known:'} lead {lead.id}, {lead.email}.")
    say_notes(signup)
    if signup.differences:
        click.echo("Nothing of it was changed. This is not as it was given now:")
    for each in signup.differences:
        click.echo(f"  {each.field}: {each.known or 'none'}. To change it: {_edit(lead.id, each)}")


def _edit(lead_id: int, difference: Difference) -> str:
    return f"nurture lead edit {lead_id} --{difference.field} {shlex.quote(difference.given)}"
