"""Beats that come double, die after their tick, or stay away: no extra mail, no burst, nothing in silence.

No single change lets two beats do harm: the lead's lock, the row's uniqueness and the claim's comparison would each do
(test_claims and test_races break them alone). The outage fails when a lead may get two nurture mails a day.
"""

import time
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import select

from nurture.clock import move_hands
from nurture.domain.campaign import Trigger
from nurture.domain.message import MailKind
from nurture.domain.segment import Segment
from nurture.service import visits
from nurture.service.enqueue import enqueue
from nurture.service.request import Request
from nurture.service.signup import sign_up
from nurture.store.schema import deliveries
from nurture.store.system_state import read_system_state
from tests.crash.cluster import NOON, Cluster, at_full_length, times
from tests.crash.oracle import judge


def ticks(cluster: Cluster) -> int:
    with cluster.runtime.database.read() as connection:
        return read_system_state(connection).sweeps


def next_noon(at: datetime) -> datetime:
    """Noon in Chicago on the next day that is no Sunday, Monday, Friday or Saturday."""
    noon = at.replace(hour=18, minute=0) + timedelta(days=1)
    return noon if 1 <= noon.weekday() <= 3 else next_noon(noon)


def test_two_beats(cluster, figures):
    at_full_length(unless=cluster.is_sqlite)
    seconds, began, at, batch = times(3600, 5), time.monotonic(), NOON, 0
    cluster.start("broker", "beat", "second beat", "worker")
    while time.monotonic() - began < seconds:
        cluster.enrol(times(1, 3), prefix=f"batch{batch}x")
        # The installation's clock runs on, so that the next steps come due as well.
        batch, at = batch + 1, at + timedelta(minutes=30)
        move_hands(cluster.clock_file, at)
        time.sleep(2)
    # What the evening leaves over waits for the morning.
    move_hands(cluster.clock_file, next_noon(at))
    cluster.drain(times(900, 90))
    verdict = judge(cluster.runtime, cluster.oracle)
    figures(f"{seconds} s, {ticks(cluster)} sweeps, {verdict}")
    assert verdict.holds(0), verdict
    assert set(cluster.oracle.copies().values()) == {1}
    assert verdict.settled >= batch * times(1, 3)


def test_a_beat_killed_right_after_its_tick(cluster, figures):
    at_full_length(unless=not cluster.is_sqlite)
    kills = times(100, 2)
    cluster.start("broker", "worker")
    for turn in range(kills):
        cluster.enrol(3, prefix=f"turn{turn}x")
        before = ticks(cluster)
        cluster.start("beat")
        while ticks(cluster) == before:
            time.sleep(0.01)
        cluster.kill("beat")
    cluster.start("beat")
    cluster.drain(90)
    verdict = judge(cluster.runtime, cluster.oracle)
    figures(f"{kills} kills, {verdict}")
    assert verdict.settled == 3 * kills
    assert verdict.holds(0), verdict
    assert set(cluster.oracle.copies().values()) == {1}


def add_second_drip(installation):
    """The same articles once more, as a campaign that staff start: two campaigns have something to say each day."""
    drip = installation.runtime.catalogue.campaigns["lumbar-sciatica"]
    articles = tuple(step for step in drip.steps if step.article)
    again = replace(drip, name="again", starts_on=Trigger.STAFF, report=None, steps=articles)
    campaigns = {**installation.runtime.catalogue.campaigns, "again": again}
    installation.runtime = replace(
        installation.runtime, catalogue=replace(installation.runtime.catalogue, campaigns=campaigns)
    )


def test_off_for_a_day_and_a_half_and_no_burst(any_installation, figures):
    installation, leads, outages = any_installation, times(60, 6), times(20, 8)
    add_second_drip(installation)
    for number in range(leads):
        sign_up(installation.runtime, Request(f"lead{number}@example.com", "lumbar-sciatica"))
        installation.clock.forward(hours=5)
        installation.work()
    assert enqueue(installation.runtime, "again", Segment("all")).enrolled == leads
    for outage in range(outages):
        if outage < leads / 2:
            # Its reminders fall due while nobody looks, and nobody wants them afterwards.
            visits.book(installation.runtime, f"lead{outage}@example.com", installation.clock.now + timedelta(hours=30))
            installation.work()
        installation.clock.forward(hours=36)
        installation.work()
        installation.live_until(installation.clock.now + timedelta(days=2))
    with installation.runtime.database.read() as connection:
        rows = connection.execute(select(deliveries).order_by(deliveries.c.id)).all()
    mails = Counter(mail.data.partition(b"Message-ID: ")[2][:40] for mail in installation.transport.mails)
    drips = Counter(row.enrolment_id for row in rows if row.kind == MailKind.NURTURE)
    days = Counter(
        (row.lead_id, row.settled_at.date()) for row in rows if row.kind == MailKind.NURTURE and row.state == "sent"
    )
    skipped = Counter(row.reason for row in rows if row.state == "skipped")
    told = f"{leads} leads, {outages} outages of 36 h, {len(rows)} steps, {skipped['stale']} recorded as stale"
    figures(f"{told}, at most {max(days.values())} nurture mail a day")
    assert set(mails.values()) == {1}
    assert len(mails) == sum(row.state == "sent" for row in rows)
    # Ten weeks (or four) of a drip of eleven or twelve are past, and nobody's stands still but for those who booked.
    assert min(drips[number] for number in range(min(outages, leads // 2) + 1, leads + 1)) >= times(10, 6)
    assert max(days.values()) == 1
    # A visit booked the day before is told all at once: the other reason that stands here.
    assert set(skipped) == {"stale", "folded"}
    assert skipped["stale"] >= min(outages, leads / 2)
    ordered = [row for row in rows if row.enrolment_id == rows[0].enrolment_id]
    assert all(one.settled_at <= two.settled_at for one, two in pairwise(ordered))
