"""Where a visitor is, when a proxy stands in between: believed of the proxies in nurture.toml and of nobody else."""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from nurture.domain.network import parse_ip

Networks = tuple[IPv4Network | IPv6Network, ...]


def behind_proxies(app: WSGIApplication, trusted: Networks) -> WSGIApplication:
    """The application, told where its visitors really are."""

    def told(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return app(environ | {"REMOTE_ADDR": _visitor(environ, trusted)}, start_response)

    return told


def _visitor(environ: WSGIEnvironment, trusted: Networks) -> str:
    """The first asker, seen from here, that is no proxy of ours.

    Anyone can send X-Forwarded-For with anything in it; each proxy adds, at its end, who asked it. Split at every
    comma: Werkzeug's ProxyFix reads quotes as well, and one left open by a visitor hides what the proxies added.
    """
    told = [entry.strip() for entry in environ.get("HTTP_X_FORWARDED_FOR", "").split(",") if entry.strip()]
    askers: list[str] = [environ.get("REMOTE_ADDR", ""), *reversed(told)]
    return next((asker for asker in askers if not _is_among(asker, trusted)), askers[-1])


def _is_among(address: str, networks: Networks) -> bool:
    found = parse_ip(address)
    return found is not None and any(found in network for network in networks)
