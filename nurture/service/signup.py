"""Somebody asks for a report: lead, consent and enrolment in one transaction, then a hint to the workers."""

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from nurture.domain.campaign import Campaign
from nurture.domain.errors import Refusal
from nurture.domain.event import Event, EventKind
from nurture.domain.lead import Lead
from nurture.domain.limits import DAY, LIMITED, Limit
from nurture.domain.line import quoted
from nurture.runtime import Runtime
from nurture.service.call_wanted import tell_of_call
from nurture.service.dispatch import dispatch_queued
from nurture.service.feedback import record_event
from nurture.service.request import Difference, Request, differences, new_lead
from nurture.service.signup_limits import asker_of, limit_for
from nurture.store import enrolments
from nurture.store.consents import add_consent, has_consented
from nurture.store.enrolments import EnrolmentRow, NewEnrolment
from nurture.store.leads import NewLead, add_lead
from nurture.store.notes import add_note

# A second press of the button is not a second request.
SAME_REQUEST = timedelta(minutes=10)

log = logging.getLogger("nurture.signup")


@dataclass(frozen=True, slots=True)
class Signup:
    """The lead, whether it is new, and the enrolment that now brings the report (its id for links).

    Of a known lead nothing is changed by signing up: anybody can type an address. `differences` is what was given
    otherwise this time, and `notes` is what could not be used. A repeat is the same request pressed twice, or past a
    limit, and brings nothing more; its consent is kept only if the lead did not give the same one within a day.
    """

    lead: Lead
    is_new: bool
    enrolment_public_id: str = ""
    differences: tuple[Difference, ...] = ()
    is_repeat: bool = False
    notes: tuple[str, ...] = ()


def sign_up(runtime: Runtime, request: Request) -> Signup | Refusal:
    """The lead will get the report. Committed before anyone is told, so a dead broker loses nothing."""
    campaign = runtime.catalogue.campaign_for(request.report)
    if campaign is None:
        known = ", ".join(runtime.catalogue.reports)
        return Refusal("bad_report", f"There is no report named {request.report!r}, so nothing was done. Use {known}.")
    new = new_lead(runtime, request, campaign.topics)
    if isinstance(new, Refusal):
        return new
    signup, queued = _write(runtime, new, campaign, request)
    dispatch_queued(runtime, queued)
    return signup


def add_by_hand(runtime: Runtime, request: Request) -> Signup | Refusal:
    """The lead is on record and gets nothing until somebody enrols it."""
    new = new_lead(runtime, request)
    if isinstance(new, Refusal):
        return new
    with runtime.database.begin() as connection:
        return register(connection, request, new, runtime.clock())


def register(connection: Connection, request: Request, new: NewLead, now: datetime) -> Signup:
    """The lead is on record with what could not be used; a known one stays as it is."""
    lead, is_new = add_lead(connection, new, now)
    for note in new.notes if is_new else ():
        add_note(connection, lead.id, note, now)
    differs = () if is_new else differences(lead, new, request)
    return Signup(lead, is_new, differences=differs, notes=new.notes)


def _write(runtime: Runtime, new: NewLead, campaign: Campaign, request: Request) -> tuple[Signup, list[int]]:
    with runtime.database.begin() as connection:
        now = runtime.clock()
        signup = register(connection, request, new, now)
        lead = signup.lead
        earlier = [
            each for each in enrolments.enrolments_of_lead(connection, lead.id) if each.campaign == campaign.name
        ]
        latest = earlier[-1] if earlier else None
        remarks = [] if signup.is_new else _remarks(signup, new)
        is_pressed_twice = latest is not None and _is_answered(latest, now, SAME_REQUEST)
        limit = None if is_pressed_twice else _limit(connection, runtime, request, new)
        is_asked_again = latest is not None and (latest.is_limited or _is_answered(latest, now, DAY))
        is_repeat = is_pressed_twice or (limit is not None and is_asked_again)
        if request.consent and not (is_repeat and has_consented(connection, lead.id, request.consent, now - DAY)):
            add_consent(connection, lead.id, request.consent, source=new.source, given_at=now)
        if latest and is_repeat:
            called = [] if latest.is_limited else tell_of_call(connection, runtime, request, (lead, remarks), now)
            return replace(signup, enrolment_public_id=latest.public_id, is_repeat=True), called
        for note in remarks:
            add_note(connection, lead.id, note, now)
        called = [] if limit else tell_of_call(connection, runtime, request, (lead, []), now)
        enrolment_id = _enrol(connection, NewEnrolment(lead.id, campaign.name, str(len(earlier) + 1)), latest, now)
        if limit:
            log.info("lead %d asked past the limit of %s and is kept as limited", lead.id, limit)
            enrolments.end_enrolment(connection, enrolment_id, LIMITED, now)
        queued = record_event(connection, runtime, Event(EventKind.REPORT_REQUESTED, lead.id, now))
        enrolment = enrolments.enrolment_by_id(connection, enrolment_id)
        if enrolment is None:
            raise LookupError("an enrolment vanished within its own transaction")
        return replace(signup, enrolment_public_id=enrolment.public_id), [*called, *queued]


def _limit(connection: Connection, runtime: Runtime, request: Request, new: NewLead) -> Limit | None:
    """The limit that a visitor is past; staff have none."""
    if request.visitor is None:
        return None
    asker = asker_of(runtime, request.visitor, new.email, request.report)
    return limit_for(connection, runtime, asker, runtime.clock())


def _is_answered(enrolment: EnrolmentRow, now: datetime, within: timedelta) -> bool:
    return not enrolment.is_limited and now - enrolment.enrolled_at < within


def _enrol(connection: Connection, new: NewEnrolment, latest: EnrolmentRow | None, now: datetime) -> int:
    """The id of the enrolment that begins now: a new one, or the latest when that had been kept back."""
    if latest and latest.is_limited:
        enrolments.begin_limited(connection, latest.id, now)
        return latest.id
    return enrolments.add_enrolment(connection, new, now) or 0


def _remarks(signup: Signup, new: NewLead) -> list[str]:
    """What staff should know of a known lead who asked again: a zone comes from the browser and says nothing."""
    typed = [each for each in signup.differences if each.field in {"name", "phone"}]
    told = [f"Asked again and gave the {each.field} {quoted(each.given)}; the lead stays as it is." for each in typed]
    return [*told, *new.notes]
