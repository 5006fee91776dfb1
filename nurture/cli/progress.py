"""How far a long command has come: a bar on standard error, for as long as somebody watches."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import click


@contextmanager
def progress_bar() -> Iterator[Callable[[int, int], None]]:
    """Call it with how many are done, and with how many that is of. Where nobody watches, it shows nothing."""
    with ExitStack() as until_the_end:
        bar: Any = None

        def show(done: int, of: int) -> None:
            nonlocal bar
            if bar is None and sys.stderr.isatty():
                bar = until_the_end.enter_context(click.progressbar(length=of, file=sys.stderr, show_pos=True))
            if bar is not None:
                bar.update(done - bar.pos)

        yield show
