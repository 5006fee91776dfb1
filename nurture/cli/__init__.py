"""The `nurture` command, one file a noun. Exit 0 done, 1 refused, 2 usage, 3 machine's doing."""

import gc
import logging

import click

from nurture import __version__
from nurture.cli.answer import prepare_answers
from nurture.cli.entry import Entry
from nurture.cli.log import start_logging

# Where each command stands, and what help says of it; the lines stand here so that help need not load them all.
_PLACES = {
    "init": ("home:init", "Make a home in DIR: config/ and templates/ to change at will."),
    "upgrade": ("home:upgrade", "Bring the ledger to this version's tables."),
    "up": ("processes:up", "Run everything on this machine."),
    "web": ("processes:web", "Serve the pages for prospects."),
    "worker": ("processes:worker", "Deliver mail until told to stop."),
    "beat": ("processes:beat", "Ask for a sweep every few seconds."),
    "sweep": ("processes:sweep", "Look once at who is due, as beat asks the worker to."),
    "inbox": ("processes:inbox", ""),
    "demo": (
        "demo:demo",
        "Watch three leads pass through a month in a minute.",
    ),
    "check": ("check:check", "Look over ledger, sweeps, broker, relay, sender and templates."),
    "lead": ("lead:lead", "The people we may write to."),
    "campaign": ("campaign:campaign", "What is sent, to whom, and what would be."),
    "visit": ("visit:visit", "Appointments, and what becomes of them."),
    "delivery": ("delivery:delivery", "What was and was not sent, and why."),
    "template": ("template:template", "The mails as they are written."),
    "report": ("report:report", "The free documents that leads ask for."),
}


@click.group(
    cls=Entry,
    package="nurture.cli",
    places=_PLACES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="nurture")
@click.option("-v", "--verbose", is_flag=True, help="Log what happens, with ids and never with addresses.")
def nurture(*, verbose: bool) -> None:
    """From a free report asked for to a Discovery Visit attended: the mail between a clinic and its leads."""
    start_logging(logging.INFO if verbose else logging.WARNING)


def main() -> None:
    """Runs the command."""
    # What modules define is never garbage, and to look for some among it takes a quarter of a short command's time.
    gc.disable()
    prepare_answers()
    nurture(prog_name="nurture")
