"""The names under which what is meant for this machine alone may be asked for.

A page elsewhere can make a name of its own lead here (DNS rebinding), and would then read what the browser may read.
It cannot make that browser say another name than its own.
"""

from flask import request
from werkzeug.wsgi import get_host

from nurture.config.environment import is_of_this_machine

LOCAL_NAMES = ["127.0.0.1", "localhost"]


def names_of(public_url: str) -> list[str] | None:
    """The names that pages with that public address answer to; any at all (None) once other machines can reach them."""
    return LOCAL_NAMES if is_of_this_machine(public_url) else None


def refuse_other_names() -> None:
    """Raise SecurityError (a 400) unless this machine was asked for by a name of its own."""
    get_host(request.environ, LOCAL_NAMES)
