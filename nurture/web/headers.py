"""The headers of every answer: what a browser may load, tell and keep. A page that needs others sets its own first."""

from nurture.config.settings import Settings

_POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' https: data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_YEAR = 31_536_000


def headers_of_every_answer(settings: Settings) -> dict[str, str]:
    """A token in an address must not leak to other sites, into caches or into search engines."""
    headers = {
        "Content-Security-Policy": _POLICY,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Cache-Control": "no-store",
    }
    # RFC 6797 8.1 has browsers ignore it over plain http; where the site has no https it would promise one.
    if settings.public_url.startswith("https:"):
        headers["Strict-Transport-Security"] = f"max-age={_YEAR}"
    return headers
