"""The local hours and days in which a step may go out. Knows zones and their clock changes, no clock of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

EVERY_DAY = frozenset(range(7))
# Longer than any run of closed days a catalogue may describe, so a search always ends.
SEARCH_DAYS = 400
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Window:
    """Open from `opens` to `closes`, both included, on the given weekdays (Monday is 0) but not on holidays.

    Hours are wall-clock hours of whatever zone is asked about. `yearly` holidays are (month, day) pairs.
    """

    opens: time = time.min
    closes: time = time(23, 59, 59, 999999)
    days: frozenset[int] = EVERY_DAY
    holidays: frozenset[date] = frozenset()
    yearly: frozenset[tuple[int, int]] = frozenset()

    def is_open(self, at: datetime, zone: ZoneInfo) -> bool:
        """Tell whether the wall clock of `zone` stands inside the window at the instant `at`."""
        local = at.astimezone(zone)
        return self._opens_on(local.date()) and self.opens <= local.time() <= self.closes

    def next_open(self, at: datetime, zone: ZoneInfo) -> datetime:
        """The first open instant at or after `at`, in UTC."""
        if self.is_open(at, zone):
            return at.astimezone(UTC)
        for day in self._days_from(at, zone, step=1):
            starts = _starts(day, self.opens, zone)
            later = [start for start in starts if start >= at and self.is_open(start, zone)]
            if later:
                return min(later)
        raise ValueError("this window never opens")

    def last_open(self, at: datetime, zone: ZoneInfo) -> datetime:
        """The last open instant at or before `at`, in UTC, to the second."""
        if self.is_open(at, zone):
            return at.astimezone(UTC)
        for day in self._days_from(at, zone, step=-1):
            closings = [
                *_instants(day, self.closes, zone),
                *(change - _SECOND for change in _changes_on(day, zone)),
            ]
            earlier = [closing for closing in closings if closing <= at and self.is_open(closing, zone)]
            if earlier:
                return max(earlier)
        raise ValueError("this window never opens")

    def _opens_on(self, day: date) -> bool:
        return day.weekday() in self.days and day not in self.holidays and (day.month, day.day) not in self.yearly

    @staticmethod
    def _days_from(at: datetime, zone: ZoneInfo, *, step: int) -> Iterator[date]:
        today = at.astimezone(zone).date()
        return (today + timedelta(days=step * count) for count in range(SEARCH_DAYS))


ALWAYS = Window()


def local_instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The UTC instant at which the wall clock of `zone` first shows `at` on `day`; in a gap, just after it."""
    local = datetime.combine(day, at, zone)
    instant = local.astimezone(UTC)
    # Two times of one zone are compared by what the wall clock shows.
    if instant.astimezone(zone) == local:
        return instant
    # The wall clock skips `at`: the change itself is the first instant past it.
    return min(_changes(day, zone), default=datetime.combine(day, at, zone).astimezone(UTC))


# A set of leads asks for the same few days, hours and zones.
@lru_cache(maxsize=4096)
def _starts(day: date, opens: time, zone: ZoneInfo) -> tuple[datetime, ...]:
    """The instants on `day` at which a window may open: at its hour, or when the clock is changed past it."""
    return (*_instants(day, opens, zone), *_changes_on(day, zone))


def _instants(day: date, at: time, zone: ZoneInfo) -> list[datetime]:
    """The instants (none in a gap, two in a fold) at which the wall clock shows `at` on `day`."""
    folds = (datetime.combine(day, at, zone).replace(fold=fold) for fold in (0, 1))
    instants = {local.astimezone(UTC) for local in folds}
    return [
        instant for instant in instants if instant.astimezone(zone).replace(tzinfo=None) == datetime.combine(day, at)
    ]


def _changes_on(day: date, zone: ZoneInfo) -> list[datetime]:
    """The same, of those alone after which it is that day: the night's is found from the day before as well."""
    return [change for change in _changes(day, zone) if change.astimezone(zone).date() == day]


def _changes(day: date, zone: ZoneInfo) -> list[datetime]:
    """The instants on `day` at which the zone's offset changes, to the second."""
    low, high = (
        datetime.combine(day + timedelta(days=more), time.min, zone).astimezone(UTC) - timedelta(hours=12 - 24 * more)
        for more in (0, 1)
    )
    if low.astimezone(zone).utcoffset() == high.astimezone(zone).utcoffset():
        return []
    before = low.astimezone(zone).utcoffset()
    while high - low > _SECOND:
        middle = low + timedelta(seconds=(high - low) // _SECOND // 2)
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == before else (low, middle)
    return [high]
