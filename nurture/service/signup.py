"""Somebody asks for a report: lead, consent and enrolment in one transaction, then a hint to the workers."""

from dataclasses import dataclass
from datetime import timedelta

from nurture.domain.campaign import Campaign
from nurture.domain.errors import Refusal
from nurture.domain.event import Event, EventKind
from nurture.domain.lead import Lead, parse_address, parse_name, parse_phone, parse_word, parse_zone
from nurture.service.feedback import record
from nurture.service.publishing import publish_queued
from nurture.service.runtime import Runtime
from nurture.store import enrolments
from nurture.store.enrolments import NewEnrolment
from nurture.store.leads import NewLead, add_consent, add_lead, enrich_lead

# A second press of the button is not a second request.
SAME_REQUEST = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Request:
    """What was typed into the page or at the front desk, not checked yet. `consent` is the wording agreed to."""

    email: str
    report: str
    name: str = ""
    phone: str = ""
    zone: str = ""
    topics: tuple[str, ...] = ()
    source: str = "page"
    consent: str = ""


@dataclass(frozen=True, slots=True)
class Signup:
    """The lead, whether it is new, and the passage that now brings the report (its id for links)."""

    lead: Lead
    is_new: bool
    passage_id: str


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
    publish_queued(runtime, queued)
    return signup


def new_lead(runtime: Runtime, request: Request, topics: frozenset[str] = frozenset()) -> NewLead | Refusal:
    """The request as a lead that may be written down, or why not."""
    email, name, phone = parse_address(request.email), parse_name(request.name), parse_phone(request.phone)
    zone = parse_zone(request.zone) if request.zone else runtime.settings.clinic.zone
    source = parse_word(request.source, "source")
    own_topics = [parse_word(topic, "topic") for topic in request.topics]
    for part in (email, name, phone, zone, source, *own_topics):
        if isinstance(part, Refusal):
            return part
    digest = runtime.signing.message_digest(f"address {email}")
    return NewLead(email, digest, name, phone, zone, topics | set(own_topics), source)  # type: ignore[arg-type]


def _write(runtime: Runtime, new: NewLead, campaign: Campaign, request: Request) -> tuple[Signup, list[int]]:
    with runtime.database.begin() as connection:
        now = runtime.clock()
        lead, is_new = add_lead(connection, new, now)
        if not is_new:
            enrich_lead(connection, lead, new)
        if request.consent:
            add_consent(connection, lead.id, wording=request.consent, source=new.source, given_at=now)
        passages = [each for each in enrolments.passages_of_lead(connection, lead.id) if each.campaign == campaign.name]
        if passages and now - passages[-1].enrolled_at < SAME_REQUEST:
            return Signup(lead, is_new, passages[-1].public_id), []
        occurrence = str(len(passages) + 1)
        enrolment_id = enrolments.add_enrolment(connection, NewEnrolment(lead.id, campaign.name, occurrence), now)
        queued = record(connection, runtime, Event(EventKind.REPORT_REQUESTED, lead.id, now))
        passage = enrolments.passage_by_id(connection, enrolment_id or 0)
        if passage is None:
            raise LookupError("an enrolment vanished within its own transaction")
        return Signup(lead, is_new, passage.public_id), queued


def add_by_hand(runtime: Runtime, request: Request) -> Signup | Refusal:
    """The lead is on record and gets nothing until somebody enrols it."""
    new = new_lead(runtime, request)
    if isinstance(new, Refusal):
        return new
    with runtime.database.begin() as connection:
        lead, is_new = add_lead(connection, new, runtime.clock())
        if not is_new:
            enrich_lead(connection, lead, new)
    return Signup(lead, is_new, "")
