"""What speaks against a time for a visit without forbidding it: a far day, closed hours, holidays, a taken hour."""

from datetime import datetime, timedelta

from nurture.domain.window import Window
from nurture.runtime import Runtime
from nurture.store.leads import lead_by_id
from nurture.store.visits import live_visits_between

# A visit further ahead is more likely a slip in the year than a plan.
_A_YEAR = timedelta(days=366)


def visit_warnings(runtime: Runtime, starts_at: datetime, moved_id: int | None = None) -> list[str]:
    """A sentence for everything that staff should know before they take this time; `moved_id` is the visit moved."""
    return [*_far(runtime, starts_at), *_closed(runtime, starts_at), *_taken(runtime, starts_at, moved_id)]


def _far(runtime: Runtime, starts_at: datetime) -> list[str]:
    local = starts_at.astimezone(runtime.settings.clinic.zone)
    is_far = starts_at > runtime.clock() + _A_YEAR
    return [f"{local:%A}, {local:%B} {local.day}, {local.year} is more than a year ahead."] if is_far else []


def _closed(runtime: Runtime, starts_at: datetime) -> list[str]:
    zone, hours = runtime.settings.clinic.zone, runtime.settings.visit_hours
    ends_at = starts_at + timedelta(minutes=runtime.settings.visit_minutes)
    local = starts_at.astimezone(zone)
    if local.date() in hours.holidays or (local.month, local.day) in hours.yearly:
        return [f"{local:%A}, {local:%B} {local.day} is a holiday of the clinic."]
    if hours.is_open(starts_at, zone) and hours.is_open(ends_at, zone):
        return []
    if hours.is_open(starts_at, zone):
        return [f"The visit would go on after the clinic closes: it is open {_words(hours)}."]
    return [f"The clinic is closed then: it is open {_words(hours)}."]


def _words(hours: Window) -> str:
    names = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    days = ", ".join(names[day] for day in sorted(hours.days))
    return f"{hours.opens:%H:%M} to {hours.closes:%H:%M} on {days}"


def _taken(runtime: Runtime, starts_at: datetime, moved_id: int | None) -> list[str]:
    zone = runtime.settings.clinic.zone
    ends_at = starts_at + timedelta(minutes=runtime.settings.visit_minutes)
    with runtime.database.read() as connection:
        others = [each for each in live_visits_between(connection, starts_at, ends_at) if each.id != moved_id]
        leads = [lead_by_id(connection, each.lead_id) for each in others]
    return [
        f"That hour is taken: visit {each.id} of {lead.name or lead.known_as if lead else 'somebody'} "
        f"starts at {each.starts_at.astimezone(zone):%H:%M} and takes {each.minutes} minutes."
        for each, lead in zip(others, leads, strict=True)
    ]
