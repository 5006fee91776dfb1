"""Mails to readers who are not real, of every sort that has broken mail before. Reads no table and sends nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

from nurture.config.catalogue import Catalogue
from nurture.domain.campaign import Campaign, Step
from nurture.domain.enrolment import Enrolment
from nurture.domain.errors import Refusal
from nurture.domain.feedback import STOPPED
from nurture.domain.lead import Lead
from nurture.domain.message import MailKind
from nurture.domain.visit import Visit, VisitStatus
from nurture.mail.request import MailRequest

#: Names that have broken mail programs before, and one that has not.
PERSONAS = {
    "a plain name": "Ann Miller",
    "no name": "",
    "an apostrophe": "Ann O'Brien",
    "a long name": "Wolfeschlegelsteinhausenbergerdorff " * 2 + "Wolfgang",
    "right to left": "مريم",
    "an emoji": "Zoë 🙂",
    "markup": '<b onclick="x">Ann</b> & Co',
    "template syntax": "{{ 7 * 7 }} {% raw %}",
}
_ID = "sample-sample-sample"


def sample_request(campaign: Campaign, step: Step, name: str, now: datetime) -> MailRequest:
    """The step's mail to a reader who is not real."""
    zone = ZoneInfo("America/Chicago")
    lead = Lead(0, _ID, "reader@example.com", name, "", "", zone, frozenset(), "sample", now)
    visit = Visit(0, _ID, 0, _some_morning(now, zone), 45, VisitStatus.BOOKED, 0, now)
    enrolment = Enrolment(0, 0, campaign.name, zone, now, visit=visit if campaign.starts_on.is_of_visit else None)
    return MailRequest(lead, campaign, step, enrolment, _ID)


def _some_morning(now: datetime, zone: ZoneInfo) -> datetime:
    """Ten o'clock on a working day some days from now: an hour at which a clinic sees people."""
    day = now.astimezone(zone) + timedelta(days=4)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return day.replace(hour=10, minute=0, second=0, microsecond=0).astimezone(UTC)


def variants(request: MailRequest) -> dict[str, MailRequest]:
    """The mail in every form that it takes, whoever reads it."""
    match request.step.kind:
        case MailKind.STAFF:
            return _to_desk(request)
        case MailKind.REQUESTED:
            stopped = replace(request.enrolment, facts=frozenset({STOPPED}))
            return {"as it is": request, "after unsubscribing": replace(request, enrolment=stopped, is_stopped=True)}
        case MailKind.NURTURE | MailKind.VISIT:
            visit = request.enrolment.visit
            return _of_visit(request, visit) if visit is not None else {"as it is": request}
        case _:
            assert_never(request.step.kind)


def _of_visit(request: MailRequest, visit: Visit) -> dict[str, MailRequest]:
    """Booked; confirmed and moved; and booked at the last moment."""
    confirmed = replace(visit, status=VisitStatus.CONFIRMED)
    soon = replace(visit, starts_at=visit.booked_at + timedelta(hours=3))
    return {
        "booked": request,
        "confirmed and moved": replace(request, enrolment=replace(request.enrolment, visit=confirmed), sequence=1),
        "booked for today": replace(request, enrolment=replace(request.enrolment, visit=soon)),
    }


def _to_desk(request: MailRequest) -> dict[str, MailRequest]:
    """Of a lead with a number, of one with a note instead, and of both in one mail."""
    dialled = replace(request, lead=replace(request.lead, phone="(817) 555-0102", phone_e164="+18175550102"))
    noted = replace(request, remarks=("The phone as it was given, which cannot be used: “after six”",))
    return {"with a number": dialled, "with a note": noted, "digest": replace(dialled, others=(noted,))}


def with_ids(request: MailRequest, word: str) -> MailRequest:
    """The mail with other public ids, so that every token in it is another."""
    visit = request.enrolment.visit
    enrolment = replace(request.enrolment, visit=replace(visit, public_id=word) if visit else None)
    return replace(request, lead=replace(request.lead, public_id=word), enrolment=enrolment, enrolment_public_id=word)


def find_mail(catalogue: Catalogue, name: str) -> tuple[Campaign, Step] | Refusal:
    """The mail named CAMPAIGN/STEP."""
    campaign_name, _, step_name = name.partition("/")
    campaign = catalogue.campaigns.get(campaign_name)
    step = campaign.step(step_name) if campaign else None
    if campaign is None or step is None:
        return Refusal("no_mail", f"There is no mail {name!r}, so nothing was done. See `nurture template list`.")
    return campaign, step
