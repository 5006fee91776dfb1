"""A visit as a calendar file (RFC 5545, RFC 5546). The title says nothing that a shared calendar should not show."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, vCalAddress

from nurture.domain.campaign import CalendarMethod
from nurture.domain.message import Attachment
from nurture.domain.visit import Visit
from nurture.render.vtimezone import vtimezone

_ALARM_BEFORE = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Appointment:
    """What a calendar entry needs to know besides the visit itself."""

    visit: Visit
    clinic: str
    place: str
    phone: str
    organizer: str
    attendee: str
    zone: ZoneInfo
    url: str


def calendar_attachment(appointment: Appointment, method: CalendarMethod, now: datetime) -> Attachment:
    """The file that puts the visit into a calendar, updates it there or takes it out."""
    content_type = f"text/calendar; method={method}; charset=utf-8"
    return Attachment("appointment.ics", content_type, calendar_bytes(appointment, method, now))


def calendar_bytes(appointment: Appointment, method: CalendarMethod, now: datetime) -> bytes:
    """The calendar file; its UID stays with the visit and its SEQUENCE rises with every change."""
    calendar = Calendar()
    calendar.add("prodid", "-//Nurture//Appointments//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method.value)
    zone = appointment.zone
    calendar.add_component(vtimezone(zone, appointment.visit.starts_at.astimezone(zone).year))
    calendar.add_component(_event(appointment, method, now))
    content: bytes = calendar.to_ical()
    return content


def _event(appointment: Appointment, method: CalendarMethod, now: datetime) -> Event:
    visit = appointment.visit
    starts_at = visit.starts_at.astimezone(appointment.zone)
    event = Event()
    # No part of it is a setting: an entry under another UID could be neither moved nor taken out.
    event.add("uid", f"{visit.public_id}@nurture")
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", starts_at)
    event.add("dtend", starts_at + timedelta(minutes=visit.minutes))
    event.add("sequence", visit.sequence)
    event.add("summary", f"Appointment at {appointment.clinic}")
    event.add("location", appointment.place)
    event.add("description", f"Questions, or need another time? Call {appointment.phone}.\n{appointment.url}")
    event.add("organizer", _person(appointment.organizer, {"CN": appointment.clinic}))
    if appointment.attendee:
        event.add("attendee", _person(appointment.attendee, {"PARTSTAT": "NEEDS-ACTION", "RSVP": "FALSE"}))
    # Whoever shares a calendar shares that the time is taken, and nothing else.
    event.add("class", "PRIVATE")
    event.add("transp", "OPAQUE")
    event.add("status", "CANCELLED" if method is CalendarMethod.CANCEL else "CONFIRMED")
    if method is CalendarMethod.REQUEST:
        event.add_component(_alarm())
    return event


def _person(address: str, parameters: dict[str, str]) -> vCalAddress:
    """A calendar address. A reply by calendar is not asked for: the mail's own button says it better."""
    person = vCalAddress(f"mailto:{address}")
    person.params.update(parameters)
    return person


def _alarm() -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", "Appointment")
    alarm.add("trigger", -_ALARM_BEFORE)
    return alarm
