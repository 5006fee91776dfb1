"""What a message must be for a worker to act on it: a sweep or a delivery, as Nurture publishes them.

Knows neither broker nor ledger. Whoever reaches the broker may have written what is read here.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

SWEEP, DELIVER = "nurture.sweep", "nurture.deliver"
# Far more than are ever published at once; a list without an end would hold a worker's child as long.
MOST_IDS = 500
# What no database can hold is nobody's id.
_ABOVE_IDS = 2**63
# Nurture sends these empty. Filled, they keep a task waiting, or are read where an error ends the worker.
_EMPTY = ("eta", "stamped_headers")


@dataclass(frozen=True, slots=True)
class Hint:
    """Headers and body with nothing in them but what was looked at."""

    headers: dict[str, Any]
    body: bytes


def read_hint(headers: Any, body: str | bytes) -> Hint:
    """The hint in a message; raises, and whatever Python raises, on all that Nurture does not publish."""
    arguments, named, _ = json.loads(body)
    if named != {} or not _are_arguments(headers["task"], arguments):
        raise ValueError("not the arguments of this task")
    if any(headers.get(name) is not None for name in _EMPTY):
        raise ValueError("not the headers that Nurture sends")
    expires = headers.get("expires")
    # Without a time limit of the message's own, the one of the worker's settings holds.
    read = {
        "lang": "py",
        "task": headers["task"],
        "id": str(UUID(headers["id"])),
        "expires": None if expires is None else datetime.fromisoformat(expires).isoformat(),
    }
    # Celery finds the tasks to run afterwards in the third part of a body; there are none.
    return Hint(read, json.dumps([arguments, {}, {}]).encode())


def _are_arguments(task: object, arguments: object) -> bool:
    match task, arguments:
        case ("nurture.sweep", []):
            return True
        case ("nurture.deliver", [list(ids)]):
            # A bool is an int to Python, and no id.
            return 0 < len(ids) <= MOST_IDS and all(type(each) is int and 0 < each < _ABOVE_IDS for each in ids)
    return False
