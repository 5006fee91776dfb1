"""The Flask application: one blueprint a subject, and what holds for every answer."""

from functools import partial
from hashlib import sha256
from pathlib import Path

from flask import Flask, Response
from jinja2 import StrictUndefined

from nurture.mail.context import site_context
from nurture.runtime import Runtime
from nurture.service.ledger_news import tell
from nurture.web.headers import headers_of_every_answer
from nurture.web.hosts import names_of
from nurture.web.ops.health import health_blueprint
from nurture.web.prospects.articles import articles_blueprint
from nurture.web.prospects.landing import landing_blueprint
from nurture.web.prospects.pictures import picture_page, pictures_blueprint
from nurture.web.prospects.report import report_blueprint
from nurture.web.prospects.resubscribe import resubscribe_blueprint
from nurture.web.prospects.signup import signup_blueprint
from nurture.web.prospects.thanks import thanks_blueprint
from nurture.web.prospects.unsubscribe import unsubscribe_blueprint
from nurture.web.prospects.visit import visit_blueprint
from nurture.web.proxies import behind_proxies
from nurture.web.trouble import tell_what_went_wrong

# Forms are a few hundred bytes.
LARGEST_REQUEST = 64 * 1024


def create_web(runtime: Runtime, broker: str = "") -> Flask:
    """The application, ready to serve; `broker` is where the workers are told, for `/readyz` to ask."""
    app = Flask("nurture", template_folder=str(runtime.settings.templates), static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
    app.config["TRUSTED_HOSTS"] = names_of(runtime.settings.public_url)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(site_context(runtime.settings, runtime.links, picture_page))
    app.jinja_env.globals["css_version"] = _version(runtime.settings.templates / "pages" / "site.css")
    for blueprint in (
        landing_blueprint(runtime),
        signup_blueprint(runtime),
        thanks_blueprint(runtime),
        report_blueprint(runtime),
        articles_blueprint(runtime),
        unsubscribe_blueprint(runtime),
        resubscribe_blueprint(runtime),
        visit_blueprint(runtime),
        pictures_blueprint(runtime),
        health_blueprint(runtime, broker),
    ):
        app.register_blueprint(blueprint)
    tell_what_went_wrong(app)
    app.teardown_request(lambda _error: tell(runtime.database))
    app.after_request(partial(_with_headers, headers_of_every_answer(runtime.settings)))
    proxies = runtime.settings.web.trusted_proxies
    app.wsgi_app = behind_proxies(app.wsgi_app, proxies)  # type: ignore[assignment, method-assign]
    return app


def _with_headers(headers: dict[str, str], response: Response) -> Response:
    for name, value in headers.items():
        response.headers.setdefault(name, value)
    return response


def _version(file: Path) -> str:
    return sha256(file.read_bytes()).hexdigest()[:10]
