"""A TOML table of hours and days as a domain Window. Knows the keys; what they mean is the domain's business."""

import re
from datetime import date, time

from nurture.config.toml_table import TomlTable
from nurture.domain.nearest import did_you_mean
from nurture.domain.window import Window

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def read_window(table: TomlTable, holidays: frozenset[date], yearly: frozenset[tuple[int, int]]) -> Window:
    """The window of the keys `opens`, `closes` and `days`, shut on the holidays unless `holidays = false`.

    Raises ConfigError naming the file and key.
    """
    days = table.texts("days")
    unknown = next((day for day in days if day not in WEEKDAYS), "")
    if unknown or not days:
        raise table.error("days", f"must list days such as {', '.join(WEEKDAYS)}{did_you_mean(unknown, WEEKDAYS)}")
    observes = table.value("holidays", bool, default=True)
    window = Window(
        read_time(table, "opens"),
        read_time(table, "closes"),
        frozenset(WEEKDAYS.index(day) for day in days),
        holidays if observes else frozenset(),
        yearly if observes else frozenset(),
    )
    if window.opens >= window.closes:
        raise table.error("closes", "must be later than opens")
    table.refuse_unknown()
    return window


def read_time(table: TomlTable, key: str) -> time:
    """The time of day under the key."""
    text = table.text(key)
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        raise table.error(key, f"is {text!r}; a time of day looks like 09:00")
    return time.fromisoformat(text)
