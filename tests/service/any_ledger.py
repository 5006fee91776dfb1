"""A small ledger in which anything may have happened: leads with several enrolments, at every stage, of every sort."""

from datetime import timedelta
from random import Random

from sqlalchemy import Connection

from nurture.config.catalogue import Catalogue
from nurture.domain.delivery_state import SETTLED, DeliveryState
from nurture.domain.visit import VisitStatus
from nurture.store.schema import deliveries, enrolments, events, leads, suppressions, visits
from tests.conftest import MONDAY

ZONES = ("America/Chicago", "Asia/Kolkata", "UTC")
ENDS = (None, None, None, "visit_booked", "unsubscribed", "finished")
HOLDS = ("unsubscribed", "bounced", "complained")
KINDS = ("replied", "visit_attended")


def write_ledger(connection: Connection, catalogue: Catalogue, random: Random) -> list[int]:
    """The ids of its enrolments, in an order of their own."""
    ids = [each for _ in range(random.randint(1, 4)) for each in _lead(connection, catalogue, random)]
    return random.sample(ids, len(ids))


def _lead(connection: Connection, catalogue: Catalogue, random: Random) -> list[int]:
    name = f"{random.getrandbits(60):020d}"
    person = {"public_id": name, "name": "", "phone": "", "phone_e164": "", "topics": [], "source": "page"}
    address = {"email": name, "email_hash": name} if random.random() < 0.9 else {}
    lead = _add(connection, leads, person | address | {"zone": random.choice(ZONES), "created_at": MONDAY})
    if address and random.random() < 0.2:
        held = {"email_hash": name, "reason": random.choice(HOLDS), "since_at": MONDAY}
        connection.execute(suppressions.insert().values(held))
    if random.random() < 0.2:
        _add(connection, events, {"kind": random.choice(KINDS), "lead_id": lead, "at": MONDAY})
    booked = [_visit(connection, random, lead) for _ in range(random.choice((0, 0, 1, 2)))]
    return [_enrolment(connection, catalogue, random, (lead, booked)) for _ in range(random.randint(1, 4))]


def _visit(connection: Connection, random: Random, lead: int) -> int:
    starts_at = MONDAY + timedelta(hours=random.randint(-100, 200))
    values = {"public_id": f"{random.getrandbits(60):020d}", "lead_id": lead, "starts_at": starts_at, "minutes": 30}
    status, sequence = random.choice(list(VisitStatus)), random.randint(0, 1)
    return _add(connection, visits, values | {"status": status, "sequence": sequence, "booked_at": MONDAY})


def _enrolment(connection: Connection, catalogue: Catalogue, random: Random, whose: tuple[int, list[int]]) -> int:
    lead, booked = whose
    of_visit = booked and random.random() < 0.5
    names = ["discovery-visit", "visit-cancelled"] if of_visit else ["lumbar-sciatica", "lumbar-sciatica", "gone"]
    enrolled_at, end = MONDAY - timedelta(hours=random.randint(0, 24 * 20)), random.choice(ENDS)
    values = {
        "public_id": f"{random.getrandbits(60):020d}",
        "lead_id": lead,
        "campaign": random.choice(names),
        "occurrence": f"{random.getrandbits(60)}",
        "visit_id": random.choice(booked) if of_visit else None,
        "visit_sequence": random.randint(0, 1) if of_visit else None,
        "enrolled_at": enrolled_at,
        "resumed_at": enrolled_at + timedelta(hours=5) if random.random() < 0.1 else None,
        "due_at": None if end else MONDAY,
        "ended_at": enrolled_at if end else None,
        "end_reason": end,
    }
    number = _add(connection, enrolments, values)
    campaign = catalogue.campaigns.get(values["campaign"])
    steps = campaign.steps[: random.randint(0, len(campaign.steps))] if campaign else ()
    for step in steps:
        _delivery(connection, random, values | {"id": number, "step": step.name, "kind": step.kind})
    return number


def _delivery(connection: Connection, random: Random, of: dict) -> None:
    settled = random.choice(sorted(SETTLED))
    state = settled if random.random() < 0.97 else random.choice(sorted(set(DeliveryState) - SETTLED))
    queued_at = of["enrolled_at"] + timedelta(hours=random.randint(0, 200))
    values = {
        "enrolment_id": of["id"],
        "lead_id": of["lead_id"],
        "step": of["step"],
        "kind": of["kind"],
        "state": state,
        "attempts": 0,
        "fence": 0,
        "times_in_doubt": 0,
        "queued_at": queued_at,
        "not_before": queued_at + timedelta(hours=random.randint(0, 30)),
        "settled_at": queued_at + timedelta(minutes=random.randint(0, 90)) if state in SETTLED else None,
        "unmade_with": "files" if state is DeliveryState.QUEUED and random.random() < 0.5 else None,
    }
    _add(connection, deliveries, values)


def _add(connection: Connection, table, values) -> int:
    return connection.execute(table.insert().values(values)).inserted_primary_key[0]
