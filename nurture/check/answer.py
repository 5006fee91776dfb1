"""One question that `nurture check` asks, and its answer."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """What was looked at, whether it is well, and in words how it is and what to do."""

    subject: str
    is_good: bool
    words: str
