"""Whether this process lives, asking nothing of anybody; and whether it can serve, asking database and broker."""

from datetime import datetime

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from nurture import __version__
from nurture.runtime import Runtime
from nurture.service.readiness import readiness

_WORDS = {True: "ok", False: "away", None: "not asked"}


def health_blueprint(runtime: Runtime, broker: str) -> Blueprint:
    """`/healthz`, with the opaque name of the installation that answers, and `/readyz`."""
    pages, hasty = Blueprint("health", __name__), runtime.database.hasty()

    @pages.get("/healthz")
    def healthz() -> ResponseReturnValue:
        return jsonify(status="ok", version=__version__, installation=runtime.installation)

    @pages.get("/readyz")
    def readyz() -> ResponseReturnValue:
        found = readiness(hasty, broker)
        status = found.status(runtime.clock())
        return jsonify(
            status=status,
            database=_WORDS[found.database],
            broker=_WORDS[found.broker],
            last_sweep=_iso(found.last_sweep),
            last_send=_iso(found.last_send),
        ), 200 if found.database else 503

    return pages


def _iso(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None
