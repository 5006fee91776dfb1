"""Floor 4: the `nurture` command, one file a noun. Exit 0 done, 1 refused, 2 usage; errors are one sentence."""

import logging
import sys

import click

from nurture import __version__
from nurture.cli.lazy import LazyGroup
from nurture.cli.log import start_logging
from nurture.domain.errors import NurtureError

_PLACES = {
    **{name: f"nurture.cli.home:{name}" for name in ("init", "upgrade")},
    **{name: f"nurture.cli.processes:{name}" for name in ("up", "web", "worker", "beat", "sweep", "inbox")},
    **{name: f"nurture.cli.{name}:{name}" for name in ("demo", "check")},
    **{name: f"nurture.cli.{name}:{name}" for name in ("lead", "campaign", "visit", "delivery", "template", "report")},
}


@click.group(
    cls=LazyGroup, places=_PLACES, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="nurture")
@click.option("-v", "--verbose", is_flag=True, help="Log what happens, with ids and never with addresses.")
def nurture(*, verbose: bool) -> None:
    """From a free report asked for to a Discovery Visit attended: the mail between a clinic and its leads."""
    start_logging(logging.INFO if verbose else logging.WARNING)


def main() -> None:
    """Runs the command; what cannot go on ends in one sentence and exit code 1."""
    try:
        nurture(prog_name="nurture")
    except NurtureError as error:
        click.echo(f"nurture: {error}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        # Whoever read our output has seen enough.
        sys.stderr.close()
        sys.exit(0)
