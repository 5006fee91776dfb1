"""A time zone as calendars want it told (RFC 5545 3.6.5): its yearly changes of clocks, as rules.

Outlook knows no list of dates (MS-STANOICAL). True for the year of a visit and the years beside it, and for no other.
"""

from bisect import bisect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

_DAY = 24 * 60 * 60
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, slots=True)
class _Change:
    """A change of clocks; `at` is what they show when it comes (RFC 5545 3.6.5: in the offset from)."""

    at: datetime
    before: timedelta
    after: timedelta
    name: str

    def rules(self) -> set[tuple[object, ...]]:
        """What may repeat every year: the second Sunday of the month, say, or the last."""
        number, is_last = (self.at.day - 1) // 7 + 1, (self.at + timedelta(days=7)).month != self.at.month
        same = self.at.month, self.at.weekday(), self.at.time(), self.before, self.after
        return {(each, *same) for each in {number, -1 if is_last else number}}


@lru_cache(64)
def vtimezone(zone: ZoneInfo, year: int) -> Timezone:
    """The zone as it is in that year. It is kept and handed out again, so nobody may change it."""
    years = [list(_changes(zone, each)) for each in (year - 1, year, year + 1)]
    repeated = list(zip(*years, strict=False))
    rules = [set[tuple[object, ...]].intersection(*(each.rules() for each in same)) for same in repeated]
    timezone = Timezone()
    timezone.add("tzid", zone.key)
    if rules and all(rules) and len({len(each) for each in years}) == 1:
        for (first, *_), found in zip(repeated, rules, strict=True):
            # The last one in every year is not always the fourth.
            number = min(int(str(rule[0])) for rule in found)
            timezone.add_component(_part(first, f"{number}{_WEEKDAYS[first.at.weekday()]}"))
        return timezone
    # No rule: every change by itself, and what holds until the first.
    for change in (_at_first(zone, year - 1), *(each for changes in years for each in changes)):
        timezone.add_component(_part(change))
    return timezone


def _part(change: _Change, day: str = "") -> TimezoneStandard | TimezoneDaylight:
    part = TimezoneDaylight() if change.after > change.before else TimezoneStandard()
    part.add("dtstart", change.at)
    if day:
        part.add("rrule", {"FREQ": "YEARLY", "BYMONTH": change.at.month, "BYDAY": day})
    part.add("tzoffsetfrom", change.before)
    part.add("tzoffsetto", change.after)
    part.add("tzname", change.name)
    return part


def _at_first(zone: ZoneInfo, year: int) -> _Change:
    start = datetime(year, 1, 1, tzinfo=zone)
    offset = start.utcoffset() or timedelta()
    return _Change(start.replace(tzinfo=None), offset, offset, start.tzname() or zone.key)


def _changes(zone: ZoneInfo, year: int) -> Iterator[_Change]:
    first, end = (int(datetime(each, 1, 1, tzinfo=UTC).timestamp()) for each in (year, year + 1))
    for midnight in range(first, end, _DAY):
        before, after = _offset(zone, midnight), _offset(zone, midnight + _DAY)
        if before != after:
            second = bisect(range(_DAY + 1), 0, key=_since(zone, midnight))
            then = datetime.fromtimestamp(midnight + second, zone)
            yield _Change(then.replace(tzinfo=None) - after + before, before, after, then.tzname() or zone.key)


def _since(zone: ZoneInfo, midnight: int) -> Callable[[int], int]:
    """Whether so many seconds after midnight the clocks have been changed, as 0 or 1."""
    return lambda seconds: int(_offset(zone, midnight + seconds) != _offset(zone, midnight))


def _offset(zone: ZoneInfo, second: int) -> timedelta:
    return datetime.fromtimestamp(second, zone).utcoffset() or timedelta()
