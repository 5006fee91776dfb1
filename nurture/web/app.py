"""The Flask application: one blueprint a subject, the headers of every answer, the page for what went wrong."""

import logging
from hashlib import sha256
from pathlib import Path

from flask import Flask, Response, render_template
from jinja2 import StrictUndefined
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from nurture.domain.errors import NurtureError
from nurture.service.mail_context import site_context
from nurture.service.runtime import Runtime
from nurture.web.articles import articles_blueprint
from nurture.web.health import health_blueprint
from nurture.web.landing import landing_blueprint
from nurture.web.pictures import picture_page, pictures_blueprint
from nurture.web.report import report_blueprint
from nurture.web.signup import signup_blueprint
from nurture.web.thanks import thanks_blueprint
from nurture.web.unsubscribe import unsubscribe_blueprint
from nurture.web.visit import visit_blueprint

log = logging.getLogger("nurture.web")

# Forms are a few hundred bytes.
LARGEST_REQUEST = 64 * 1024
_POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' https: data:; frame-ancestors 'self'"


def create_web(runtime: Runtime) -> Flask:
    """The application, ready to serve."""
    app = Flask("nurture", template_folder=str(runtime.settings.templates), static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
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
        visit_blueprint(runtime),
        pictures_blueprint(runtime),
        health_blueprint(),
    ):
        app.register_blueprint(blueprint)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(NurtureError, _unavailable)
    app.after_request(_with_headers)
    # One reverse proxy may stand in front and says where the visitor really is.
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    return app


def _with_headers(response: Response) -> Response:
    """A token in an address must not leak to other sites, into caches or into search engines."""
    response.headers.setdefault("Content-Security-Policy", _POLICY)
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _http_error(error: HTTPException) -> tuple[str, int]:
    code = error.code or 500
    heading, text = _WORDS.get(code, ("That did not work", "Please go back and try again, or give us a call."))
    return render_template("pages/message.html", title=heading, heading=heading, text=text, status=code), code


def _unavailable(error: NurtureError) -> tuple[str, int]:
    log.error("%s", error)
    heading, text = _WORDS[503]
    return render_template("pages/message.html", title=heading, heading=heading, text=text, status=503), 503


def _version(file: Path) -> str:
    return sha256(file.read_bytes()).hexdigest()[:10]


_WORDS = {
    404: (
        "We cannot find that page",
        "The link may have been cut short by a mail program. Please open it again from the mail, or give us a call.",
    ),
    405: ("That page does not work that way", "Please open the link again from the mail, or give us a call."),
    413: ("That was too much at once", "Please shorten what you wrote and send it again. Nothing was saved."),
    503: (
        "We cannot save that right now",
        "Something on our side does not answer. Nothing was saved. Please try again in a minute, or give us a call.",
    ),
}
