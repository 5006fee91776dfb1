"""The calendar file of a visit: put in, moved and taken out again, and never telling what the visit is about."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from nurture.domain import visit as rules
from nurture.domain.campaign import CalendarMethod
from nurture.domain.visit import Visit, VisitStatus
from nurture.render.calendar import Appointment, calendar_attachment, calendar_bytes
from nurture.render.vtimezone import vtimezone
from tests.conftest import MONDAY
from tests.render.test_mime import PRIVATE

CHICAGO = ZoneInfo("America/Chicago")
VISIT = Visit(7, "p" * 20, 3, MONDAY + timedelta(days=2), 45, VisitStatus.BOOKED, 0, MONDAY)
PLACE = "100 Example Street, Suite 1; Fort Worth, TX 76100"


def entry(visit, zone=CHICAGO):
    return Appointment(
        visit=visit,
        clinic="MOSS Rehabilitation Center",
        place=PLACE,
        phone="817-220-6677",
        organizer="care@clinic.example",
        attendee="ann@example.com",
        zone=zone,
        url="https://x.example/visit/t",
    )


def read(visit, method=CalendarMethod.REQUEST):
    calendar = Calendar.from_ical(calendar_bytes(entry(visit), method, MONDAY))
    [event] = calendar.walk("VEVENT")
    return calendar, event


def test_a_request_puts_the_visit_where_the_clinic_stands():
    calendar, event = read(VISIT)
    assert (calendar["METHOD"], event["STATUS"], event["SEQUENCE"]) == ("REQUEST", "CONFIRMED", 0)
    assert event["DTSTART"].params["TZID"] == "America/Chicago"
    assert event["DTSTART"].dt == VISIT.starts_at
    assert event["DTEND"].dt - event["DTSTART"].dt == timedelta(minutes=45)
    assert event["LOCATION"] == PLACE


def test_a_cancellation_takes_the_same_entry_out():
    calendar, event = read(rules.cancel(VISIT, MONDAY), CalendarMethod.CANCEL)
    assert (calendar["METHOD"], event["STATUS"], event["SEQUENCE"]) == ("CANCEL", "CANCELLED", 1)
    assert event["UID"] == read(VISIT)[1]["UID"]
    assert {"ORGANIZER", "ATTENDEE", "DTSTAMP"} <= set(event)
    assert not event.walk("VALARM")


def test_the_uid_stays_and_the_sequence_rises_with_every_change():
    moved = rules.reschedule(VISIT, VISIT.starts_at + timedelta(days=9), MONDAY)
    again = rules.reschedule(moved, VISIT.starts_at + timedelta(days=12), MONDAY)
    events = [read(each)[1] for each in (VISIT, moved, again, rules.cancel(again, MONDAY))]
    assert {event["UID"] for event in events} == {f"{VISIT.public_id}@nurture"}
    assert [event["SEQUENCE"] for event in events] == [0, 1, 2, 3]


@pytest.mark.parametrize(("days", "hours"), [(3, -6), (9, -5)])
def test_the_zone_travels_along_on_both_sides_of_the_change_of_clocks(days, hours):
    """2026-03-08 is the day: 10:17 by the clinic's clock is another instant after it."""
    visit = rules.reschedule(VISIT, MONDAY + timedelta(days=days), MONDAY)
    calendar, event = read(visit)
    [zone] = calendar.walk("VTIMEZONE")
    assert zone["TZID"] == event["DTSTART"].params["TZID"]
    assert {part.name for part in zone.subcomponents} == {"STANDARD", "DAYLIGHT"}
    assert event["DTSTART"].dt.utcoffset() == timedelta(hours=hours)
    assert told(zone, event["DTSTART"].dt.replace(tzinfo=None)) == timedelta(hours=hours)


def told(zone, clock):
    """What the file itself says, not what this machine knows about the zone."""
    return zone.to_tz(lookup_tzid=False).utcoffset(clock)


@pytest.mark.parametrize("year", [2026, 2027, 2029])
@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("America/Chicago", {"2SU", "1SU"}),
        ("Europe/London", {"-1SU"}),
        ("Australia/Lord_Howe", {"1SU"}),
        ("America/Phoenix", set()),
        ("Asia/Kolkata", set()),
        # Its clocks follow the moon.
        ("Africa/Casablanca", set()),
        ("America/Santiago", None),
    ],
)
def test_a_calendar_that_knows_rules_alone_has_the_right_time_all_year(name, rules, year):
    zone = vtimezone(ZoneInfo(name), year)
    text = zone.to_ical().decode()
    assert "RDATE" not in text
    assert rules is None or set(re.findall(r"BYDAY=(\w+|-\w+)", text)) == rules
    for day in range(366):
        clock = datetime(year, 1, 1, 12) + timedelta(days=day)
        assert told(zone, clock) == clock.replace(tzinfo=ZoneInfo(name)).utcoffset(), clock


def test_the_zone_is_told_before_the_visit_and_starts_before_it():
    data = calendar_bytes(entry(VISIT), CalendarMethod.REQUEST, MONDAY).decode()
    assert data.index("BEGIN:VTIMEZONE") < data.index("BEGIN:VEVENT")
    assert re.findall(r"DTSTART:(\S+)\s+RRULE:(\S+)", data) == [
        ("20250309T020000", "FREQ=YEARLY;BYDAY=2SU;BYMONTH=3"),
        ("20251102T020000", "FREQ=YEARLY;BYDAY=1SU;BYMONTH=11"),
    ]


def test_the_uid_is_the_same_whoever_sends_it():
    moved = replace(entry(VISIT), organizer="desk@other.example")
    [event] = Calendar.from_ical(calendar_bytes(moved, CalendarMethod.REQUEST, MONDAY)).walk("VEVENT")
    assert event["UID"] == read(VISIT)[1]["UID"]


def test_an_alarm_rings_two_hours_before():
    [alarm] = read(VISIT)[1].walk("VALARM")
    assert (alarm["ACTION"], alarm["TRIGGER"].dt) == ("DISPLAY", timedelta(hours=-2))


def test_nothing_in_it_tells_what_the_visit_is_about():
    calendar, event = read(VISIT)
    assert event["SUMMARY"] == "Appointment at MOSS Rehabilitation Center"
    assert event["CLASS"] == "PRIVATE"
    assert not PRIVATE.search(calendar.to_ical().decode().replace("\r\n ", ""))


def test_it_asks_for_no_reply_by_calendar():
    event = read(VISIT)[1]
    assert event["ATTENDEE"] == "mailto:ann@example.com"
    assert event["ATTENDEE"].params["RSVP"] == "FALSE"
    assert event["ORGANIZER"].params["CN"] == "MOSS Rehabilitation Center"


def test_its_lines_are_as_calendars_want_them():
    data = calendar_bytes(entry(VISIT), CalendarMethod.REQUEST, MONDAY)
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert max(map(len, data.split(b"\r\n"))) <= 75
    assert len(data) < 2_000
    assert re.search(rb"\r\nLOCATION:100 Example Street\\, Suite 1\\; Fort", data)


@pytest.mark.parametrize("method", CalendarMethod)
def test_the_attachment_names_its_method(method):
    attachment = calendar_attachment(entry(VISIT), method, MONDAY)
    assert attachment.filename == "appointment.ics"
    assert attachment.content_type == f"text/calendar; method={method}; charset=utf-8"
    assert f"METHOD:{method}\r\n".encode() in attachment.content
