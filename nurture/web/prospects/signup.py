"""Asking for a report, by the page's form or as JSON. Answers alike whatever is known of the address."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from nurture.domain.consent import Consent
from nurture.domain.errors import Refusal
from nurture.domain.lead import parse_word, parse_zone
from nurture.domain.token import Purpose
from nurture.runtime import Runtime
from nurture.service.agreement import SEALED_FIELDS, given_consent
from nurture.service.reports import made_up_id
from nurture.service.request import Request
from nurture.service.signup import sign_up
from nurture.web.prospects.landing import landing_page, offered_report
from nurture.web.prospects.visitor import visitor_of

FIELDS = ("email", "report", "name", "phone", "zone", "source", "sure", "suggestion")
# People do not see this field; programs that fill in every field do.
TRAP = "website"
LONGEST_FIELD = 400
MOST_TOPICS = 20
# Where a lead came from when no link or program says.
SOURCE = "page"


def signup_blueprint(runtime: Runtime) -> Blueprint:
    """`POST /signup`."""
    pages = Blueprint("signup", __name__)

    @pages.post("/signup")
    def signup() -> ResponseReturnValue:
        given = request.get_json(silent=True) if request.is_json else request.form.to_dict()
        if not isinstance(given, dict):
            return jsonify(error="bad_json", message="Send one JSON object. Nothing was saved."), 400
        fields = {name: str(given.get(name) or "")[:LONGEST_FIELD] for name in FIELDS}
        fields["report"] = fields["report"] or runtime.catalogue.front.name
        # The button beside the question takes what it suggests.
        fields["email"] = fields["suggestion"] or fields["email"]
        enrolment_id = _enrolled(runtime, fields, given)
        if isinstance(enrolment_id, Refusal):
            return _refused(runtime, fields, enrolment_id)
        return _ready(runtime, enrolment_id)

    return pages


def _enrolled(runtime: Runtime, fields: dict[str, str], given: dict[str, Any]) -> str | Refusal:
    """The public id of the enrolment that brings the report; of none at all for whoever fills in the trap."""
    visitor = visitor_of(runtime.settings.signup_key)
    if given.get(TRAP) and runtime.catalogue.campaign_for(fields["report"]):
        return made_up_id(fields["report"])
    topics = _topics(given) if request.is_json else ()
    consent = _consent(runtime, fields["report"], given, is_trusted=not visitor.network)
    result = sign_up(runtime, replace(_request(fields, topics), consent=consent, visitor=visitor))
    return result if isinstance(result, Refusal) else result.enrolment_public_id


def _topics(given: dict[str, Any]) -> tuple[str, ...]:
    """The topics as words, whatever a program sent: one that is none is noted for staff, and costs no signup."""
    topics = given.get("topics") or []
    return tuple(str(each) for each in (topics if isinstance(topics, list) else [topics])[:MOST_TOPICS])


def _consent(runtime: Runtime, report: str, given: dict[str, Any], *, is_trusted: bool) -> Consent | None:
    """What was agreed to, where it was shown; nothing when the report is none, for that is refused."""
    campaign = runtime.catalogue.campaign_for(report)
    # JSON can say half a letter (a lone surrogate), which no page of ours showed and nothing can sign.
    said = {name: str(given.get(name) or "").encode(errors="replace").decode() for name in SEALED_FIELDS}
    fields = {name: said[name][:longest] for name, longest in SEALED_FIELDS.items()}
    page = f"{request.path} (JSON)" if request.is_json else request.path
    return given_consent(runtime, campaign, fields, page, is_trusted=is_trusted) if campaign else None


def _request(fields: dict[str, str], topics: tuple[str, ...]) -> Request:
    # The page finds the zone by itself: what nobody typed is no reason to turn anybody away.
    guessed_wrong = not request.is_json and isinstance(parse_zone(fields["zone"]), Refusal)
    # Nor is what a link says of where it stood.
    source = parse_word(fields["source"], "source")
    return Request(
        email=fields["email"],
        report=fields["report"],
        name=fields["name"],
        phone=fields["phone"],
        zone="" if guessed_wrong else fields["zone"],
        topics=topics,
        source=SOURCE if isinstance(source, Refusal) or not source else source,
        # The page sends back the address that it asked about, and a program the one it insists on.
        is_sure=fields["sure"].strip().lower() == fields["email"].strip().lower(),
    )


def _refused(runtime: Runtime, fields: dict[str, str], refusal: Refusal) -> ResponseReturnValue:
    if request.is_json:
        answer = {"error": refusal.reason, "message": refusal.sentence}
        return answer | ({"suggestion": refusal.suggestion} if refusal.suggestion else {}), 400
    report = offered_report(runtime, fields["report"]) or runtime.catalogue.front
    asked = {"sure": fields["email"] if refusal.suggestion else "", "suggestion": refusal.suggestion}
    return landing_page(runtime, report, fields | asked, refusal.sentence), 400


def _ready(runtime: Runtime, enrolment_id: str) -> ResponseReturnValue:
    """The same for a new lead, a known one, a suppressed one and a program: nobody learns who is on our list."""
    links = runtime.links
    if request.is_json:
        return jsonify(status="ok", report_url=links.report(enrolment_id), pdf_url=links.report_pdf(enrolment_id))
    # Whoever reloads a page that was redirected to, or comes back to it, sends nothing again.
    return redirect(url_for("thanks.thanks", token=runtime.signing.sign(Purpose.REPORT, enrolment_id)), 303)
