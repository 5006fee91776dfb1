"""Every mail and every page that a person may see, hung up at an address where a browser can open it."""

import threading
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from flask import Flask
from werkzeug.serving import make_server

from nurture.config.settings import load_settings
from nurture.domain.errors import Refusal
from nurture.local.inbox.pages import inbox_blueprint
from nurture.local.preview.preview_app import create_preview
from nurture.mail.compose import compose
from nurture.mail.personas import sample_request, variants
from nurture.render.mime import serialise
from nurture.runtime import Runtime, build_runtime
from nurture.service import visits
from nurture.service.request import Request
from nurture.service.signup import Signup, sign_up
from nurture.store.upgrade import upgrade
from nurture.web.app import create_web
from tests.conftest import MONDAY, Clock

# Nothing in it says where a line may break.
LONG_DOMAIN = f"{'rehabilitation' * 4}.example"


@dataclass(frozen=True)
class Gallery:
    """name -> URL of every exhibit; `wide` shows a desktop beside a phone."""

    mails: dict[str, str]
    pages: dict[str, str]
    wide: dict[str, str]

    def for_everyday(self) -> dict[str, str]:
        """Each mail once, without its variants, and every page."""
        first = {name.rpartition(".")[0]: name for name in reversed(self.mails)}
        return {name: self.mails[name] for name in first.values()} | self.pages


def open_gallery(home: Path, var: Path) -> Gallery:
    """The exhibits of that home, served by threads that end with this process."""
    environment = {"NURTURE_HOME": str(home), "NURTURE_VAR": str(var), "NURTURE_SECRET_KEY": "test"}
    runtime = replace(build_runtime(load_settings(environment)), clock=Clock())
    upgrade(runtime.database)
    mails, web = _mails(runtime, var / "inbox"), create_web(runtime)
    hung = dict(mails)
    web.add_url_rule("/exhibit/<name>", view_func=lambda name: hung[name], endpoint="exhibit")
    web.register_blueprint(inbox_blueprint(var / "inbox"))
    pages = _pages(runtime, web)
    hung |= pages
    site, preview = _serve(web), _serve(create_preview(runtime))
    key = max((var / "inbox" / "new").iterdir()).name
    return Gallery(
        {name: f"{site}/exhibit/{name}" for name in mails},
        {name: f"{site}/exhibit/{name}" for name in pages}
        | {"inbox": f"{site}/inbox", "inbox-mail": f"{site}/inbox/{key}"},
        {"preview": f"{preview}/?mail=discovery-visit/confirmation"},
    )


def _serve(app: Flask) -> str:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def _mails(runtime: Runtime, mailbox: Path) -> dict[str, str]:
    """The HTML of every mail and variant; each also lies in the captured inbox."""
    shown: dict[str, str] = {}
    (mailbox / "new").mkdir(parents=True)
    for campaign in runtime.catalogue.campaigns.values():
        for step in campaign.steps:
            for variant, request in variants(sample_request(campaign, step, "Ann Miller", MONDAY)).items():
                message = compose(runtime.mail_kit, request, f"<{len(shown)}@clinic.example>")
                shown[f"{campaign.name}-{step.name}.{variant.replace(' ', '-')}"] = message.content.html
                head = b"X-Envelope-From: care@clinic.example\r\nX-Envelope-To: ann@example.com\r\n"
                file = mailbox / "new" / f"{len(shown):020d}.1_000001.inbox"
                file.write_bytes(head + serialise(message))
    return shown


def _pages(runtime: Runtime, web: Flask) -> dict[str, str]:
    """Every page as a visitor gets to see it who does everything that can be done, in this order."""
    lead = sign_up(runtime, Request(f"ann@{LONG_DOMAIN}", "lumbar-sciatica", name="Ann"))
    assert isinstance(lead, Signup)
    visit = visits.book(runtime, lead.lead.email, MONDAY + timedelta(days=5))
    assert not isinstance(visit, Refusal)
    person, links = lead.lead.public_id, runtime.links
    out, back = _path(links.unsubscribe(person)), _path(links.resubscribe(person))
    appointment = _path(links.visit(visit.public_id))
    visitor = web.test_client()
    asked = {"email": f"zoe@{LONG_DOMAIN}", "report": "lumbar-sciatica"}
    report = visitor.post("/signup", json=asked).json["report_url"]
    article = next(iter(runtime.catalogue.articles))
    return {
        "landing": visitor.get("/").text,
        "landing-refused": visitor.post("/signup", data={"email": "ann", "report": "lumbar-sciatica"}).text,
        "landing-asked": visitor.post("/signup", data={"email": f"{'ann.' * 12}miller@gmial.com"}).text,
        "thanks": visitor.post("/signup", data=asked, follow_redirects=True).text,
        "report": visitor.get(_path(report)).text,
        "articles": visitor.get("/articles").text,
        "article": visitor.get(f"/articles/{article}").text,
        "unsubscribe": visitor.get(out).text,
        "unsubscribed": visitor.post(out).text,
        "resubscribe": visitor.get(back).text,
        "resubscribed": visitor.post(back).text,
        "visit-booked": visitor.get(appointment).text,
        "visit-confirmed": visitor.post(appointment, data={"act": "confirm"}).text,
        "visit-asking": visitor.post(appointment, data={"act": "ask-cancel"}).text,
        "visit-cancelled": visitor.post(appointment, data={"act": "cancel"}).text,
        "not-found": visitor.get("/visit/x").text,
    }


def _path(url: str) -> str:
    return "/" + url.split("/", 3)[3]
