"""`python -m benchmarks bulk`: mails a second and what each costs, between two runs of smtp-source as the ceiling."""

import argparse
import json
import sys

from benchmarks.bulk import Bulk, Row, measure_bulk
from benchmarks.ceiling import measure_ceiling
from benchmarks.installation import Plan
from benchmarks.machine import machine
from benchmarks.parts.running import NotMeasuredError

_MAILS, _SHORT = 50_000, 5_000


def bulk_command(words: list[str]) -> int:
    """Measures and prints; 1 when a mail was not sent once, 2 when this machine lacks what it takes."""
    chosen = _parser().parse_args(words)
    mails = chosen.mails or (_SHORT if chosen.short else _MAILS)
    bulk = Bulk(mails, Plan(chosen.database, connections=chosen.connections), chosen.delay / 1000)
    try:
        row = _measured(bulk)
    except NotMeasuredError as error:
        print(f"not measured: {error}", file=sys.stderr)
        return 2
    print(json.dumps(row, indent=2) if chosen.json else "\n".join(f"{name:22}{value}" for name, value in row.items()))
    return 0 if row["states"] == {"sent": mails} else 1


def _measured(bulk: Bulk) -> Row:
    enough = min(bulk.mails, 1_000) if bulk.delay else bulk.mails
    before = measure_ceiling(enough, bulk.delay)
    row = measure_bulk(bulk)
    after = measure_ceiling(enough, bulk.delay)
    ratio = row["mails_a_second"] / ((before + after) / 2)  # type: ignore[operator]
    ceiling = {"ceiling_before": round(before), "ceiling_after": round(after), "of_ceiling": round(ratio, 3)}
    return row | ceiling | machine(bulk.plan.database)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("benchmarks bulk")
    parser.add_argument("--mails", type=int, default=0)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--database", choices=("postgresql", "sqlite"), default="postgresql")
    parser.add_argument("--delay", type=float, default=0.0, metavar="MS")
    parser.add_argument("--connections", type=int, default=0, metavar="K")
    parser.add_argument("--json", action="store_true")
    return parser
