"""`make bench`: what a mail costs, as a table or as JSON. Ends with code 1 when a promise is missed."""

import json
import sys

from benchmarks.cost import BARE, MIME, OURS, PREMAILER, WHOLE, measure

costs = measure(rounds=30)
if "--json" in sys.argv:
    print(json.dumps(costs.by_way | {"of_bare": costs.of_bare, "of_premailer": costs.of_premailer}, indent=2))
else:
    for way in (BARE, OURS, PREMAILER, MIME, WHOLE):
        print(f"{way:24}{costs.by_way[way]:>10.0f} us")
    print(f"\nour HTML costs {costs.of_bare:.2f} bare renders; premailer costs {costs.of_premailer:.0f} of our HTML")
missed = costs.missed()
for sentence in missed:
    print(f"missed: {sentence}", file=sys.stderr)
sys.exit(1 if missed else 0)
