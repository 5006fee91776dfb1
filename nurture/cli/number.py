"""What numbers on the command line may be, so that nothing beyond them reaches the ledger or the clock."""

import math
from typing import Any

import click

#: The number of a row, or a count of rows: what the ledger can count to.
NUMBER = click.IntRange(1, 2**63 - 1)
#: A count of days. Nobody plans further.
DAYS = click.IntRange(0, 3650)


class Seconds(click.FloatRange):
    """A span of real time; `nan`, which is neither more nor less than anything, is none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number of seconds."""
        seconds = float(super().convert(value, param, ctx))
        if math.isnan(seconds):
            self.fail(f"{value!r} is not a number of seconds.", param, ctx)
        return seconds
