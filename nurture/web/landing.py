"""The landing page, the signup behind it (form or JSON), and the thank-you page with the instant download."""

from typing import Any

from flask import Blueprint, abort, jsonify, render_template, request, send_from_directory
from flask.typing import ResponseReturnValue

from nurture.catalogue import Report
from nurture.domain.campaign import Trigger
from nurture.domain.errors import Refusal
from nurture.domain.lead import parse_zone
from nurture.render.markdown import sections
from nurture.service.mail_context import article_context, report_context
from nurture.service.runtime import Runtime
from nurture.service.signup import Request, Signup, sign_up
from nurture.store.leads import new_public_id

CONSENT = (
    "Send me the report and, for eleven weeks, helpful articles and invitations by email. "
    "Every one of them has a link that stops them."
)
FIELDS = ("email", "report", "name", "phone", "zone")
# People do not see this field; programs that fill in every field do.
TRAP = "website"
LONGEST_FIELD = 400


def landing_blueprint(runtime: Runtime) -> Blueprint:
    """`/`, `/signup` and the two files that the pages use."""
    pages = Blueprint("landing", __name__)

    @pages.get("/")
    def landing() -> ResponseReturnValue:
        return _landing(runtime, {"report": request.args.get("report", "")}, None)

    @pages.post("/signup")
    def signup() -> ResponseReturnValue:
        given = request.get_json(silent=True) if request.is_json else request.form.to_dict()
        if not isinstance(given, dict):
            return jsonify(error="bad_json", message="Send one JSON object. Nothing was saved."), 400
        fields = {name: str(given.get(name) or "")[:LONGEST_FIELD] for name in FIELDS}
        fields["report"] = fields["report"] or next(iter(_offered(runtime)), "")
        if given.get(TRAP):
            # Answered like everyone else, so that whoever fills in the trap learns nothing.
            return _thanks(runtime, fields, new_public_id())
        result = sign_up(runtime, _request(fields, is_form=not request.is_json))
        return _answer(runtime, fields, result)

    @pages.get("/site.css")
    @pages.get("/zone.js")
    def asset() -> ResponseReturnValue:
        folder = runtime.settings.templates / "pages"
        return send_from_directory(folder, request.path.lstrip("/"), max_age=31_536_000)

    return pages


def _request(fields: dict[str, str], *, is_form: bool) -> Request:
    # The page finds the zone by itself: what nobody typed is no reason to turn anybody away.
    guessed_wrong = is_form and isinstance(parse_zone(fields["zone"]), Refusal)
    return Request(
        email=fields["email"],
        report=fields["report"],
        name=fields["name"],
        phone=fields["phone"],
        zone="" if guessed_wrong else fields["zone"],
        consent=CONSENT,
    )


def _answer(runtime: Runtime, fields: dict[str, str], result: Signup | Refusal) -> ResponseReturnValue:
    if isinstance(result, Signup):
        return _thanks(runtime, fields, result.passage_id)
    if request.is_json:
        return jsonify(error=result.reason, message=result.sentence), 400
    return _landing(runtime, fields, result.sentence), 400


def _landing(runtime: Runtime, fields: dict[str, str], error: str | None) -> str:
    offered = _offered(runtime)
    report = offered.get(fields["report"]) or next(iter(offered.values()), None)
    if report is None:
        abort(404)
    return render_template(
        "pages/landing.html",
        title=report.title,
        report=_offer(report),
        articles=[article_context(each, runtime.links) for each in runtime.catalogue.articles.values()],
        consent_text=CONSENT,
        error=error,
        form={name: fields.get(name, "") for name in FIELDS},
    )


def _thanks(runtime: Runtime, fields: dict[str, str], passage_id: str) -> ResponseReturnValue:
    """The same answer for a new lead, a known one and a suppressed one: nobody learns who is on our list."""
    report = _offered(runtime).get(fields["report"])
    if report is None:
        abort(404)
    words = report_context(report, runtime.links, passage_id)
    if request.is_json:
        return jsonify(status="ok", report_url=words["url"], pdf_url=words["pdf_url"])
    return render_template("pages/thanks.html", title="Thank you", report=words, email_masked=masked(fields["email"]))


def masked(email: str) -> str:
    """Enough of an address for its owner to recognise it, and no more."""
    local, _, domain = email.strip().partition("@")
    return f"{local[:1]}…@{domain}"


def _offered(runtime: Runtime) -> dict[str, Report]:
    """The reports that a campaign delivers, by name."""
    starting = runtime.catalogue.starting_on(Trigger.REPORT_REQUESTED)
    return {each.report: runtime.catalogue.reports[each.report] for each in starting if each.report}


def _offer(report: Report) -> dict[str, Any]:
    headings = [section.heading for section in sections(report.body)]
    questions = [heading.partition(". ")[2] for heading in headings if heading[:1].isdigit()]
    words = {"name": report.name, "title": report.title, "subtitle": report.subtitle, "summary": report.summary}
    return words | {"questions": questions}
