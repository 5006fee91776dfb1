"""`make bench`: what a mail costs and how evenly signups are answered (`ARGS="mails --json"`), bulk, sweep or capacity.

Ends with code 1 when a promise is missed.
"""

import json
import sys

from benchmarks.answers import EACH, apart, measure_answers, missed_answers
from benchmarks.bulk_command import bulk_command
from benchmarks.capacity import capacity_command
from benchmarks.cost import BARE, FILLED, MIME, OURS, PREMAILER, WHOLE, measure
from benchmarks.sweep import sweep_command

if sys.argv[1:2] == ["sweep"]:
    sys.exit(sweep_command(sys.argv[2:]))
if sys.argv[1:2] == ["capacity"]:
    sys.exit(capacity_command(sys.argv[2:]))
if sys.argv[1:2] == ["bulk"]:
    sys.exit(bulk_command(sys.argv[2:]))
wanted = {"mails", "answers"} & set(sys.argv) or {"mails", "answers"}
figures: dict[str, object] = {}
lines: list[str] = []
missed: list[str] = []
if "mails" in wanted:
    costs = measure(rounds=30)
    figures |= costs.by_way | {"of_bare": costs.of_bare, "of_premailer": costs.of_premailer}
    lines += [f"{way:24}{costs.by_way[way]:>10.0f} us" for way in (BARE, OURS, PREMAILER, MIME, WHOLE, FILLED)]
    lines += [
        "",
        f"our HTML costs {costs.of_bare:.2f} bare renders; premailer costs {costs.of_premailer:.0f} of our HTML",
    ]
    missed += costs.missed()
if "answers" in wanted:
    medians = measure_answers(EACH)
    figures |= {"answers_ms": medians, "apart_ms": apart(medians)}
    lines += ["", *(f"{f'signup, {sort}':24}{median:>10.2f} ms" for sort, median in medians.items())]
    lines += ["", f"the medians of {EACH:,} signups of each sort lie {apart(medians):.2f} ms apart"]
    missed += missed_answers(medians)
print(json.dumps(figures, indent=2) if "--json" in sys.argv else "\n".join(lines).strip())
for sentence in missed:
    print(f"missed: {sentence}", file=sys.stderr)
sys.exit(1 if missed else 0)
