"""Clocks that jump, and a year in six zones: nothing early, no lease stolen, every step once and at its local hour.

Fails when a lease goes by the runtime's clock, when a window is read in UTC, and when a day is counted as 24 hours.
"""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from nurture.domain.message import MailKind
from nurture.service.request import Request
from nurture.service.signup import sign_up
from nurture.service.sweep import sweep
from nurture.service.visits import book
from nurture.store.schema import deliveries, enrolments, visits
from nurture.transport.outcome import Accepted
from tests.crash.cluster import at_full_length, times

JUMPS = {"an hour on": {"hours": 1}, "an hour back": {"hours": -1}, "a day": {"days": 1}, "a year": {"days": 365}}
# Both changes of the clock, everywhere, and a morning without one.
STARTS = ["2026-03-05", "2026-03-26", "2026-10-01", "2026-10-22", "2026-10-29", "2026-07-01"]
ZONES = [
    "America/New_York",
    "America/Los_Angeles",
    "Europe/London",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "America/Phoenix",
]


class Jumping:
    """A relay that takes its time: the clock jumps while the mail is in hand, and the sweep looks twice."""

    def __init__(self, installation, jump):
        self.installation, self.jump, self.mails = installation, jump, []

    def hand_over(self, mail, before_dot):
        self.installation.clock.forward(**self.jump)
        swept = sweep(self.installation.runtime)
        assert swept.recovered == 0, "a lease was stolen before the dot"
        assert before_dot()
        assert sweep(self.installation.runtime).recovered == 0, "a lease was stolen after the dot"
        self.mails.append(mail)
        return Accepted("250 taken")

    def close(self):
        """Nothing to let go."""


@pytest.mark.parametrize("jump", JUMPS)
def test_a_jump_steals_no_lease_and_sends_nothing_early(any_installation, jump, figures):
    installation = any_installation
    at_full_length(unless=installation.runtime.database.engine.dialect.name == "sqlite")
    jumping = Jumping(installation, JUMPS[jump])
    installation.runtime = replace(installation.runtime, transport=jumping)
    for number in range(times(50, 5)):
        installation.clock.now += timedelta(days=2)
        sign_up(installation.runtime, Request(f"lead{number}@example.com", "lumbar-sciatica"))
        installation.work()
    with installation.runtime.database.read() as connection:
        rows = connection.execute(select(deliveries, enrolments.c.enrolled_at).join(enrolments)).all()
    figures(f"{len(rows)} deliveries, {len(jumping.mails)} mails")
    assert len({mail.data.partition(b"Message-ID: ")[2][:40] for mail in jumping.mails}) == len(jumping.mails)
    assert all(row.queued_at - row.enrolled_at >= timedelta(hours=20) for row in rows if row.step == "dry-needling")
    sent = sum(row.state == "sent" for row in rows)
    assert len(jumping.mails) == sent


@pytest.mark.parametrize("zone", ZONES)
def test_a_year_in_a_zone(installation, zone, figures):
    at_full_length(unless=zone in {"America/New_York", "Australia/Lord_Howe"})
    local = ZoneInfo(zone)
    for number, day in enumerate(_days()):
        asked_at = datetime.fromisoformat(f"{day}T15:30").replace(tzinfo=local).astimezone(UTC)
        installation.live_until(max(installation.clock.now, asked_at))
        installation.work()
        email = f"lead{number}@example.com"
        sign_up(installation.runtime, Request(email, "lumbar-sciatica", zone=zone))
        installation.work()
        if number % 2:
            starts_at = (installation.clock.now.astimezone(local) + timedelta(days=4)).replace(hour=9, minute=0)
            book(installation.runtime, email, starts_at.astimezone(UTC))
        installation.live_until(installation.clock.now + timedelta(days=2))
    installation.live_until(installation.clock.now + timedelta(days=100))
    _check_the_year(installation, local, figures)


def _check_the_drips(installation, rows, local) -> None:
    """Leads who book nothing have been through every step, by their own clock."""
    booked = {row.lead_id for row in rows if row.starts_at is not None}
    steps = {step.name for step in installation.runtime.catalogue.campaigns["lumbar-sciatica"].steps}
    drips = [row for row in rows if row.lead_id not in booked]
    assert drips
    for lead in {row.lead_id for row in drips}:
        own = [row for row in drips if row.lead_id == lead]
        assert {row.step for row in own} == steps
        asked_at = own[0].enrolled_at.astimezone(local)
        # A day is a day of the wall clock: on both sides of a change the next article comes at the same hour, or when
        # the window opens after a closed day.
        hours = {(at.hour, at.minute) for row in own[1:] if (at := row.settled_at.astimezone(local))}
        assert hours <= {(asked_at.hour, asked_at.minute), (9, 0)}, hours


def _days() -> list[str]:
    if times(1, 0):
        return [f"{datetime(2026, 1, 2) + timedelta(days=9 * index):%Y-%m-%d}" for index in range(41)]
    return sorted(STARTS)


def _check_the_year(installation, local, figures) -> None:
    with installation.runtime.database.read() as connection:
        joined = select(deliveries, visits.c.starts_at, enrolments.c.enrolled_at).select_from(
            deliveries.join(enrolments).outerjoin(visits)
        )
        rows = connection.execute(joined).all()
    sent = [row for row in rows if row.state == "sent"]
    hours = {row.settled_at.astimezone(local).hour for row in sent if row.kind == MailKind.NURTURE}
    days = Counter(
        (row.lead_id, row.settled_at.astimezone(local).date()) for row in sent if row.kind == MailKind.NURTURE
    )
    figures(f"{len(rows)} steps, {len(sent)} sent, nurture between {min(hours)} and {max(hours)} h")
    mails = Counter(mail.data.partition(b"Message-ID: ")[2][:40] for mail in installation.transport.mails)
    assert set(mails.values()) == {1}
    assert len(mails) == len(sent)
    _check_the_drips(installation, rows, local)
    assert min(hours) >= 9
    assert max(hours) < 18
    assert max(days.values()) == 1
    for row in sent:
        if row.step == "day-before":
            assert timedelta(hours=20) <= row.starts_at - row.settled_at <= timedelta(hours=45)
        if row.step == "same-morning":
            at = row.settled_at.astimezone(local)
            assert (at.date(), at.hour) == (row.starts_at.astimezone(local).date(), 7)
