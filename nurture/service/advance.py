"""Carries decisions into the ledger: the only code that turns what `decide` says into rows."""

import logging
from datetime import datetime, timedelta
from typing import assert_never

from sqlalchemy import Connection

from nurture.catalogue import Catalogue
from nurture.domain.campaign import Campaign, Step
from nurture.domain.engine import End, Send, Skip, Wait, decide
from nurture.domain.enrolment import Enrolment
from nurture.domain.feedback import BOOKED, resumes
from nurture.store import deliveries, enrolments
from nurture.store.deliveries import NewDelivery
from nurture.store.outage import TROUBLE
from nurture.store.passage import load_enrolment

# How long rests what nobody foresaw trouble with, and what this process knows no campaign for.
PAUSE = timedelta(hours=1)
# A campaign or step that is unknown to one process may be new to another. After this long it is gone.
GONE_AFTER = timedelta(days=7)
CAMPAIGN_GONE = "campaign_gone"

log = logging.getLogger("nurture.advance")


def advance_or_pause(connection: Connection, catalogue: Catalogue, enrolment_id: int, now: datetime) -> None:
    """The enrolment is decided; one that cannot be is left for later, and holds nobody up."""
    try:
        with connection.begin_nested():
            advance(connection, catalogue, enrolment_id, now)
    except TROUBLE:
        raise
    except Exception:
        log.exception("enrolment %d cannot be decided; it is looked at again in %s", enrolment_id, PAUSE)
        enrolments.set_due(connection, enrolment_id, now + PAUSE)


def advance(connection: Connection, catalogue: Catalogue, enrolment_id: int, now: datetime) -> list[int]:
    """The enrolment is decided until it waits, ends or has a delivery queued; returns the ids queued.

    Call with the lead locked. Calling it again changes nothing.
    """
    if deliveries.in_flight(connection, enrolment_id):
        enrolments.set_due(connection, enrolment_id, None)
        return []
    enrolment = load_enrolment(connection, enrolment_id)
    campaign = catalogue.campaigns.get(enrolment.campaign)
    if campaign is None:
        enrolments.set_due(connection, enrolment_id, now + PAUSE)
        return []
    while True:
        decision = decide(campaign, enrolment, now)
        match decision:
            case Wait(until):
                enrolments.set_due(connection, enrolment_id, until)
                return []
            case Send(step):
                queued = deliveries.queue(connection, _new(enrolment, step), now)
                enrolments.set_due(connection, enrolment_id, None)
                return [queued] if queued is not None else []
            case Skip(step, reason):
                deliveries.record_skip(connection, _new(enrolment, step), reason, now)
                enrolment = load_enrolment(connection, enrolment_id)
            case End(reason):
                return end(connection, catalogue, (campaign, enrolment), reason, now)
            case _:
                assert_never(decision)


def end(
    connection: Connection, catalogue: Catalogue, passage: tuple[Campaign, Enrolment], reason: str, now: datetime
) -> list[int]:
    """The passage is over, and what a booking had ended goes on where the campaign says so; returns ids queued."""
    campaign, enrolment = passage
    if enrolment.end_reason is None:
        enrolments.end_enrolment(connection, enrolment.id, reason, now)
    if not resumes(campaign, enrolment.facts):
        return []
    resumed = enrolments.resume_ended(connection, enrolment.lead_id, BOOKED, now)
    return [queued for each in resumed for queued in advance(connection, catalogue, each, now)]


def advance_lead(connection: Connection, catalogue: Catalogue, lead_id: int, now: datetime) -> list[int]:
    """Every enrolment of the lead that has not ended is decided anew; returns the ids queued."""
    active = enrolments.active_of_lead(connection, lead_id)
    return [queued for each in active for queued in advance(connection, catalogue, each, now)]


def _new(enrolment: Enrolment, step: Step) -> NewDelivery:
    return NewDelivery(enrolment.id, enrolment.lead_id, step.name, step.kind)
