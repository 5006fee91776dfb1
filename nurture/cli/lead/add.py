"""`nurture lead add`: somebody phoned or wrote, and is typed in."""

import click

from nurture.cli.house import open_house
from nurture.cli.lead.show import lead_row
from nurture.cli.show import accepted, as_json, show_fields
from nurture.service.signup import Request, add_by_hand, sign_up

CONSENT_BY_STAFF = "Asked for it and agreed to the articles and invitations that follow, to a member of staff."


@click.command()
@click.argument("email")
@click.option("--name", default="", help="The name to greet with.")
@click.option("--phone", default="", help="A phone number, for the front desk.")
@click.option("--zone", default="", help="IANA time zone, such as America/Chicago. Default: the clinic's.")
@click.option("--topic", "topics", multiple=True, help="A topic of interest; may be given several times.")
@click.option("--source", default="staff", show_default=True, help="Where the lead came from, such as phone.")
@click.option("--report", default="", help="The report asked for; it is on its way at once, and the articles follow.")
@as_json
def add(*, as_json: bool, report: str, **given: str | tuple[str, ...]) -> None:
    """Type in someone who phoned or wrote; with --report it is sent at once."""
    runtime = open_house()
    request = Request(report=report, consent=CONSENT_BY_STAFF if report else "", **given)  # type: ignore[arg-type]
    signup = accepted(sign_up(runtime, request) if report else add_by_hand(runtime, request))
    if as_json:
        show_fields(lead_row(runtime, signup.lead) | {"is_new": signup.is_new}, as_json=True)
        return
    already = "Added" if signup.is_new else "Already known:"
    click.echo(f"{already} lead {signup.lead.id}, {signup.lead.email}.")
    if report:
        click.echo(f"The report {report} is on its way.")
