"""Reads the instants that people type. Knows zones and their gaps, no clock."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from nurture.domain.errors import Refusal

#: Beyond these somebody has mistyped; and at the very ends of what Python counts no zone can be applied.
YEARS = range(1970, 2200)


def parse_instant(text: str, zone: ZoneInfo) -> datetime | Refusal:
    """The UTC instant written as `2026-12-01 10:00` on the wall clock of `zone`, or as ISO 8601 with an offset."""
    try:
        given = datetime.fromisoformat(text.strip())
    except ValueError:
        given = None
    if given is None or len(text.strip()) <= len("2026-12-01") or given.year not in YEARS:
        return Refusal(
            "bad_time",
            f"{text!r} is not a time, so nothing was done. Write it as 2026-12-01 10:00, on the clock of {zone}.",
        )
    if given.tzinfo is not None:
        return given.astimezone(UTC)
    instant = given.replace(tzinfo=zone).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != given:
        return Refusal(
            "no_such_time", f"The clocks of {zone} skip {text.strip()}, so nothing was done. Give another time."
        )
    return instant
