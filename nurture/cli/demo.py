"""`nurture demo`: a month of three leads, to watch."""

import json
import signal
import socket
import sys
import threading
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import click
from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table

from nurture.clock import system_clock
from nurture.config.settings import load_settings
from nurture.domain.errors import MachineError
from nurture.local.demo.demo_leads import DEMO_LEADS
from nurture.local.demo.run import Demo, Result
from nurture.local.inbox.maildir import CapturedMail, list_mail
from nurture.local.port import listen
from nurture.own_folder import private_files

_SHOWN = 8
_NOT_IN_JSON = ("missing", "unforeseen")


@click.command()
@click.option("--days", type=click.IntRange(1, 365), default=30, show_default=True, help="How many days pass.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Port of the pages. Default: 8000, or a free one."
)
@click.option("--exit", "exits", is_flag=True, help="End when the days have passed, rather than at Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def demo(days: int, port: int, *, exits: bool, as_json: bool) -> None:
    """Watch three leads pass through a month in a minute. Worker, beat, broker and SMTP are real."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    click.get_current_context().with_resource(private_files())
    start = system_clock().replace(second=0, microsecond=0)
    run = Demo(load_settings(), _listener(port), days, start)
    try:
        _watch(run, quiet=as_json)
        result = run.result()
        _tell(result, as_json=as_json)
        if not exits:
            click.echo(f"The inbox stays open at {result.inbox} until Ctrl-C.", err=as_json)
            _until_ctrl_c(run)
    except KeyboardInterrupt:
        click.echo("Stopped.", err=True)
        return
    finally:
        run.close()
    sys.exit(0 if result.is_as_foretold else 1)


def _watch(run: Demo, *, quiet: bool) -> None:
    progress = Progress(TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"))
    task = progress.add_task("", total=run.days * 24.0)
    console = Console(stderr=quiet, highlight=False)
    if quiet and not console.is_terminal:
        for _ in run.run():
            pass
        return
    console.print(f"Inbox  {run.site}/inbox\nStarting broker, inbox, web, worker and beat.")
    with Live(console=console, refresh_per_second=8) as live:
        for at in run.run():
            words = f"{at.astimezone(run.settings.clinic.zone):%a %b %d, %H:%M}"
            progress.update(task, completed=(at - run.start) / timedelta(hours=1), description=words)
            live.update(Group(_table(run, at), progress))
        progress.update(task, completed=run.days * 24.0)


def _table(run: Demo, at: datetime) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", title=None)
    for column in ("lead", "their time", "mails", "the latest"):
        table.add_column(column, no_wrap=True, overflow="ellipsis")
    mails = list_mail(run.mailbox)
    for persona in DEMO_LEADS:
        own = [mail for mail in mails if mail.recipient == persona.email]
        table.add_row(persona.name, _local(at, persona.zone), str(len(own)), own[0].subject if own else "")
    table.add_row()
    for mail in mails[:_SHOWN]:
        table.add_row(*_line(mail))
    return table


def _line(mail: CapturedMail) -> tuple[str, str, str, str]:
    persona = next((each for each in DEMO_LEADS if each.email == mail.recipient), DEMO_LEADS[0])
    return f"  {persona.name.split()[0]}", _local(mail.sent_at, persona.zone), "", mail.subject


def _local(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%a %b %d %H:%M}"


def _tell(result: Result, *, as_json: bool) -> None:
    if as_json:
        fields = {name: value for name, value in asdict(result).items() if name not in _NOT_IN_JSON}
        click.echo(json.dumps(fields | {"as_foretold": result.is_as_foretold}, indent=2))
    else:
        mails = sum(result.sent.values())
        click.echo(f"{result.days} days in {result.real_seconds} s: {mails} mails to {result.leads} leads, ", nl=False)
        click.echo(f"{result.duplicates} twice, {result.uncertain} in doubt.")
        if result.is_as_foretold:
            click.echo("Every mail the simulator foretold is in the inbox once, at its very instant, and none else.")
    for words, arrivals in (("Missing", result.missing), ("Not foretold", result.unforeseen)):
        for email, step, at in arrivals:
            click.echo(f"{words}: {step} to {email} at {at.isoformat()}", err=True)


def _until_ctrl_c(run: Demo) -> None:
    while True:
        run.alive()
        threading.Event().wait(1)


def _listener(port: int) -> socket.socket:
    if port == 0:
        with suppress(MachineError):
            return listen("127.0.0.1", 8000)
    return listen("127.0.0.1", port)
