"""`python -m benchmarks sweep`: what a sweep takes with nothing due and with 1,000 due, by how many are enrolled."""

import argparse
import json
import time
from datetime import UTC, datetime, timedelta

from benchmarks.bulk import Row
from benchmarks.installation import Plan, installation
from benchmarks.ledger import Filling, due_now, fill
from benchmarks.machine import machine
from nurture.config.settings import load_settings
from nurture.runtime import build_runtime
from nurture.service.sweep import sweep

_DUE, _HISTORY = 1_000, 3
# Nobody listens there: what is swept is not delivered.
_NO_RELAY = 9


def sweep_command(words: list[str]) -> int:
    """Measures and prints."""
    parser = argparse.ArgumentParser("benchmarks sweep")
    parser.add_argument("--enrolments", type=int, default=10_000)
    parser.add_argument("--database", choices=("postgresql", "sqlite"), default="postgresql")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(words)
    row = measure_sweep(Plan(chosen.database), chosen.enrolments) | machine(chosen.database)
    print(json.dumps(row, indent=2) if chosen.json else "\n".join(f"{name:22}{value}" for name, value in row.items()))
    return 0


def measure_sweep(plan: Plan, enrolments: int) -> Row:
    """Milliseconds of the second sweep with nothing due, since the first compiles, and of one with 1,000 due."""
    with installation(plan, _NO_RELAY) as installed:
        later = Filling(enrolments, _HISTORY, datetime.now(UTC) + timedelta(days=3))
        fill(installed.database, installed.catalogue.campaigns["lumbar-sciatica"], later)
        if installed.server:
            installed.server.settle()
        runtime = build_runtime(load_settings(installed.environment))
        sweep(runtime)
        began = time.perf_counter()
        sweep(runtime)
        nothing = time.perf_counter() - began
        due_now(installed.database, 1, _DUE)
        began = time.perf_counter()
        told = sweep(runtime)
        due = time.perf_counter() - began
        runtime.database.close()
    return {"enrolments": enrolments, "nothing_due_ms": nothing * 1e3, "due_1000_ms": due * 1e3, "swept": str(told)}
