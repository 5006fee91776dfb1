"""What went wrong, in the form it was asked in: a page for people, `error` and `message` for programs."""

import logging
from typing import Any

from flask import Flask, Response, abort, jsonify, make_response, render_template, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import HTTPException, SecurityError

from nurture.domain.errors import AwayError, NurtureError

log = logging.getLogger("nurture.web")

#: Where the environment of a request carries the status with which the server refused it already.
REFUSED = "nurture.refused"
# By status: the word for programs, then a heading and a sentence for people.
_WORDS = {
    400: ("bad_request", "We could not read that", "Nothing was saved. Please go back and try again."),
    401: (
        "bad_key",
        "That key is not ours",
        "The Authorization header carries another key than NURTURE_SIGNUP_KEY, or none is set. Nothing was saved.",
    ),
    404: (
        "not_found",
        "We cannot find that page",
        "The link may have been cut short by a mail program. Please open it again from the mail, or give us a call.",
    ),
    405: (
        "method_not_allowed",
        "That page does not work that way",
        "Nothing was saved. Please open the link again from the mail, or give us a call.",
    ),
    413: (
        "too_large",
        "That was too much at once",
        "Please shorten what you wrote and send it again. Nothing was saved.",
    ),
    503: (
        "unavailable",
        "We cannot save that right now",
        "Something on our side does not answer. Nothing was saved. Please try again in a minute, or give us a call.",
    ),
}
_OTHER_NAME = (
    "unknown_host",
    "This machine was asked for by another name",
    "Its pages answer to 127.0.0.1 and localhost alone. Whoever runs them gives them a name with NURTURE_PUBLIC_URL.",
)
_OTHER = ("failed", "That did not work", "Please go back and try again, or give us a call.")
# What else of the framework's own answer a program goes by.
_KEPT_HEADERS = {"Allow"}


class StrictJson(DefaultJSONProvider):
    """JSON as Flask reads it, where nesting past the stack is bad JSON like any other."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """The value; raises ValueError for whatever is none."""
        try:
            return super().loads(s, **kwargs)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error


def tell_what_went_wrong(app: Flask) -> None:
    """Whatever ends in an error is answered by a page or by JSON, never with a trace of the code."""
    app.json = StrictJson(app)
    app.before_request(_refused_by_the_server)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(NurtureError, _unavailable)


def wants_json() -> bool:
    """Tell whether whoever asks is a program: it sent JSON, or would rather have JSON than a page."""
    offered = ["text/html", "application/json"]
    return request.is_json or request.accept_mimetypes.best_match(offered) == "application/json"


def _refused_by_the_server() -> None:
    if REFUSED in request.environ:
        abort(request.environ[REFUSED])


def _http_error(error: HTTPException) -> Response:
    code = error.code or 500
    answer = _answer(code, _OTHER_NAME if isinstance(error, SecurityError) else _WORDS.get(code, _OTHER))
    answer.headers.update([(name, value) for name, value in error.get_headers() if name in _KEPT_HEADERS])
    return answer


def _unavailable(error: NurtureError) -> Response:
    # Of a ledger that is away there is one line an outage, however many visitors come.
    if not isinstance(error, AwayError):
        log.error("%s", error)
    return _answer(503, _WORDS[503])


def _answer(code: int, words: tuple[str, str, str]) -> Response:
    reason, heading, text = words
    if wants_json():
        return make_response(jsonify(error=reason, message=f"{heading}. {text}"), code)
    return make_response(
        render_template("pages/message.html", title=heading, heading=heading, text=text, status=code), code
    )
