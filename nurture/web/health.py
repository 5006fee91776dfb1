"""Whether this process lives. Asks nothing of anybody, so that a slow database never gets it killed."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from nurture import __version__


def health_blueprint(installation: str) -> Blueprint:
    """`/healthz`, with the opaque name of the installation that answers."""
    pages = Blueprint("health", __name__)

    @pages.get("/healthz")
    def healthz() -> ResponseReturnValue:
        return jsonify(status="ok", version=__version__, installation=installation)

    return pages
