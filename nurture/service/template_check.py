"""Renders every mail for readers of every sort, and says what a reader or the law would object to."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from nurture.domain.campaign import Campaign, Step, Trigger
from nurture.domain.enrolment import Enrolment
from nurture.domain.errors import TemplateError
from nurture.domain.lead import Lead
from nurture.domain.message import Kind, Message
from nurture.domain.visit import Visit, VisitStatus
from nurture.render.mime import serialise
from nurture.service.compose import folder_of, write
from nurture.service.mail_context import Letter
from nurture.service.runtime import Runtime

LONGEST_SUBJECT = 60
# Gmail cuts a mail off there.
LARGEST_HTML = 102_000
#: Names that have broken mail programs before.
PERSONAS = {
    "no name": "",
    "an apostrophe": "Ann O'Brien",
    "a long name": "Wolfeschlegelsteinhausenbergerdorff " * 2 + "Wolfgang",
    "right to left": "مريم",
    "an emoji": "Zoë 🙂",
    "markup": '<b onclick="x">Ann</b> & Co',
    "template syntax": "{{ 7 * 7 }} {% raw %}",
}
_ID = "sample-sample-sample"


@dataclass(frozen=True, slots=True)
class Finding:
    """One objection to one mail."""

    mail: str
    rule: str
    detail: str


def check_templates(runtime: Runtime) -> list[Finding]:
    """Every objection to any mail of the catalogue, each said once."""
    found: dict[Finding, None] = {}
    for campaign in runtime.catalogue.campaigns.values():
        for step in campaign.steps:
            for persona, name in PERSONAS.items():
                for finding in _check(runtime, campaign, step, (persona, name)):
                    found.setdefault(finding)
    return list(found)


def sample_letter(campaign: Campaign, step: Step, name: str, now: datetime) -> Letter:
    """The step's letter to a reader who is not real."""
    zone = ZoneInfo("America/Chicago")
    lead = Lead(0, _ID, "reader@example.com", name, "", zone, frozenset(), "sample", now)
    visit = Visit(0, _ID, 0, now + timedelta(days=5), 45, VisitStatus.BOOKED, 0, now)
    of_visit = campaign.starts_on in {Trigger.VISIT_BOOKED, Trigger.VISIT_CANCELLED}
    enrolment = Enrolment(0, 0, campaign.name, zone, now, visit=visit if of_visit else None)
    return Letter(lead, campaign, step, enrolment, _ID)


def _check(runtime: Runtime, campaign: Campaign, step: Step, persona: tuple[str, str]) -> Iterator[Finding]:
    mail = f"{campaign.name}/{step.name}"
    label, name = persona
    try:
        for letter in _variants(sample_letter(campaign, step, name, runtime.clock())):
            message = write(runtime, letter, "<sample@clinic.example>")
            serialise(message)
            for rule, detail in _objections(runtime, message):
                yield Finding(mail, rule, detail)
    except (TemplateError, ValueError) as error:
        yield Finding(mail, "renders", f"for {label}: {error} (see templates/emails/{folder_of(step, campaign.name)})")


def _variants(letter: Letter) -> Iterator[Letter]:
    """The letter as it is, and for a visit also confirmed, moved, and booked at the last moment."""
    yield letter
    visit = letter.enrolment.visit
    if visit is None:
        return
    confirmed = replace(visit, status=VisitStatus.CONFIRMED)
    soon = replace(visit, starts_at=visit.booked_at + timedelta(hours=3))
    yield replace(letter, enrolment=replace(letter.enrolment, visit=confirmed), sequence=1)
    yield replace(letter, enrolment=replace(letter.enrolment, visit=soon))


def _objections(runtime: Runtime, message: Message) -> Iterator[tuple[str, str]]:
    content, address = message.content, runtime.settings.clinic.address
    if len(content.subject) > LONGEST_SUBJECT:
        yield "subject", f"longer than {LONGEST_SUBJECT} characters: {content.subject}"
    if len(content.html.encode()) > LARGEST_HTML:
        yield "size", f"the HTML is {len(content.html.encode())} bytes, and Gmail cuts it off at {LARGEST_HTML}"
    if not content.html.startswith("<!DOCTYPE html>"):
        yield "doctype", "the HTML must begin with <!DOCTYPE html>"
    if address not in content.text or address.split(",")[0] not in content.html:
        yield "address", "the postal address is missing"
    has_way_out = all("/unsubscribe/" in body for body in (content.text, content.html))
    if message.kind is Kind.NURTURE and not has_way_out:
        yield "unsubscribe", "a nurture mail shows its unsubscribe link in both bodies"
    if message.kind is not Kind.NURTURE and "/unsubscribe/" in content.text + content.html:
        yield "unsubscribe", "only nurture mail offers to unsubscribe"
