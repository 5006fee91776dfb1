"""Days and hours as people say them: "tomorrow 10am". Reads no clock: who calls says when now is.

dateparser does the reading, and is believed only where it cannot have guessed. It takes "tues 10" for a date next year
and "10am" for an hour of whatever day comes first, so a time is taken only when the words name a day *and* an hour, and
the answer lies within a year. What was understood is shown with its weekday before anybody is mailed.
"""

import re
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from nurture.domain.errors import Refusal
from nurture.domain.instant import YEARS, parse_instant

# Fifty-two weeks: a day of this year that has passed is not silently taken for next year's.
_A_YEAR = timedelta(weeks=52)
_WRITTEN = re.compile(r"\s*\d{4}\s*[-/.]")
_HOUR_WORDS = re.compile(r"(?<![a-z])(at|noon|midday|midnight|o'?clock|[ap]\.?\s?m)(?![a-z])")
_DAY_WORDS = re.compile(r"[a-z]|\d\s*[/-]\s*\d|\d\.\s*\d+\.")


def read_spoken_time(text: str, zone: ZoneInfo, now: datetime) -> datetime | Refusal:
    """The UTC instant that the words name on the wall clock of `zone`; `now` is aware."""
    # A date that begins with its year is written, not spoken: what is wrong with it is not to be guessed away.
    found = None if _WRITTEN.match(text) else _parsed(text, zone, now)
    if (
        found is None
        or found.period != "time"
        or not _names_a_day(text)
        or not _is_within_a_year(found.date_obj, zone, now)
    ):
        return Refusal(
            "bad_time",
            f"{text!r} does not name a day and an hour within a year, so nothing was done. "
            "Say it like: tomorrow 10am, tuesday 14:30, dec 1 9:00, or 2026-12-01 10:00.",
        )
    return parse_instant(found.date_obj.isoformat(" "), zone)


def read_spoken_day(text: str, zone: ZoneInfo, now: datetime) -> date | Refusal:
    """The day that the words name in `zone`, such as "tuesday", "dec 1" or "2026-12-01"; `now` is aware."""
    day = _day(text, zone, now)
    if day is None or day.year not in YEARS:
        return Refusal("bad_day", f"{text!r} is not a day. Say it like: tuesday, dec 1, or 2026-12-01.")
    return day


def _day(text: str, zone: ZoneInfo, now: datetime) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        found = _parsed(text, zone, now)
    is_day = found is not None and found.period in {"day", "time"} and _names_a_day(text)
    return found.date_obj.date() if is_day else None


def _names_a_day(text: str) -> bool:
    return _DAY_WORDS.search(_HOUR_WORDS.sub(" ", text.lower())) is not None


def _parsed(text: str, zone: ZoneInfo, now: datetime) -> Any:
    # Only words need it, and it takes longer to load than to answer.
    from dateparser.date import DateDataParser  # noqa: PLC0415

    base = now.astimezone(zone).replace(tzinfo=None, second=0, microsecond=0)
    settings = {"RELATIVE_BASE": base, "PREFER_DATES_FROM": "future", "RETURN_TIME_AS_PERIOD": True}
    found = DateDataParser(languages=["en"], settings=settings).get_date_data(text)
    return found if found.date_obj is not None and found.date_obj.tzinfo is None else None


def _is_within_a_year(local: datetime, zone: ZoneInfo, now: datetime) -> bool:
    return local < (now + _A_YEAR).astimezone(zone).replace(tzinfo=None)
