"""`nurture template`: the mails as they are written."""

import sys
import textwrap
from dataclasses import asdict

import click
import waitress

from nurture.cli.open_runtime import open_bare_runtime
from nurture.cli.show import Row, accepted, as_json, counted, show_rows
from nurture.lint.finding import Level, faults
from nurture.lint.verdict import verdict
from nurture.local.port import listen, port_of
from nurture.local.preview.preview_app import create_preview
from nurture.mail.compose import folder_of
from nurture.mail.personas import PERSONAS
from nurture.service.sample_mail import send_sample

# The page is for the person at this machine: other sites could otherwise read mails that are not out yet.
LOOPBACK = "127.0.0.1"
_WIDTH = 80


@click.group()
def template() -> None:
    """The mails as they are written."""


@template.command("list")
@as_json
def list_(*, as_json: bool) -> None:
    """Every mail, and the folder of its three files."""
    runtime = open_bare_runtime()
    rows = [
        {"mail": f"{campaign.name}/{step.name}", "kind": step.kind.value, "article": step.article}
        | {"folder": f"templates/emails/{folder_of(step, campaign.name)}"}
        for campaign in runtime.catalogue.campaigns.values()
        for step in campaign.steps
    ]
    show_rows(rows, ("mail", "kind", "folder"), as_json=as_json, empty="There is no mail.")


@template.command("check")
@as_json
def check(*, as_json: bool) -> None:
    """Render every mail for readers of every sort, and name what is wrong, with file, line and rule.

    Faults close the way to `campaign enqueue`, and the exit code is 1. Advice does neither.
    """
    runtime = open_bare_runtime()
    found = verdict(runtime.mail_kit, asks_anew=True)
    rows = [{name: value for name, value in asdict(each).items() if name != "frame"} for each in found]
    mails = sum(len(campaign.steps) for campaign in runtime.catalogue.campaigns.values())
    to_mend = len(faults(found))
    if as_json or not rows:
        show_rows(rows, (), as_json=as_json, empty=f"{mails} mails, nothing to object to.")
    else:
        for level, title in ((Level.FAULT, "To mend:"), (Level.ADVICE, "To consider:")):
            said = [_finding(row) for row in rows if row["level"] is level]
            click.echo("\n".join([title, *said, ""]) if said else "", nl=bool(said))
        click.echo(f"{counted(mails, 'mail')}: {counted(to_mend, 'fault')}, {len(rows) - to_mend} to consider.")
    sys.exit(1 if to_mend else 0)


@template.command("preview")
@click.option("--port", type=click.IntRange(0, 65535), default=8001, show_default=True, help="The port of the page.")
def preview(port: int) -> None:
    """Show every mail on a local page: phone, desktop, dark, text and source. It follows changes to the files."""
    app = create_preview(open_bare_runtime())
    with listen(LOOPBACK, port) as listener:
        click.echo(f"Preview  http://{LOOPBACK}:{port_of(listener)}/   (Ctrl-C stops it)")
        waitress.serve(app, sockets=[listener], threads=8, ident=None)


@template.command("send")
@click.argument("mail", metavar="CAMPAIGN/STEP")
@click.option("--to", required=True, help="The address that gets the mail.")
@click.option(
    "--persona",
    type=click.Choice(list(PERSONAS)),
    default="a plain name",
    show_default=True,
    help="The sort of reader.",
)
def send(mail: str, to: str, persona: str) -> None:
    """Send one mail to an address of yours, as a reader of that sort would get it. The ledger does not hear of it."""
    runtime = open_bare_runtime()
    handed = accepted(send_sample(runtime, mail, to, persona))
    click.echo(f"“{handed.subject}” for {handed.recipient} is {handed.place}.")


def _finding(row: Row) -> str:
    """Where it is on a line of its own, for editors to jump to; below it the rule, what is wrong, and who shows it."""
    shown = f" ({row['mails']} mails, such as {row['mail']})" if row["mails"] > 1 else ""
    words = f"{row['rule']}: {row['detail']}{shown}"
    margin = "    "
    return f"{row['file']}:{row['line']}\n" + textwrap.fill(
        words, _WIDTH, initial_indent=margin, subsequent_indent=margin
    )
