"""`nurture check`: is this installation able to keep its promises?"""

import sys

import click

from nurture.check import check_installation
from nurture.cli.open_runtime import broker_address, open_bare_runtime
from nurture.cli.show import as_json, show_rows


@click.command()
@as_json
def check(*, as_json: bool) -> None:
    """Look over ledger, sweeps, broker, relay, sender and templates. Exit code 1 when something is wrong."""
    runtime = open_bare_runtime()
    answers = list(check_installation(runtime, broker_address(runtime.settings)))
    rows = [
        {"part": each.subject, "good": each.is_good, "state": "ok" if each.is_good else "WRONG", "words": each.words}
        for each in answers
    ]
    show_rows(rows, ("part", "state", "words"), as_json=as_json, empty="")
    sys.exit(0 if all(each.is_good for each in answers) else 1)
