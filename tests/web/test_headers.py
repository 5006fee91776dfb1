"""The headers of every answer."""

from dataclasses import replace

import pytest

from nurture.web.app import create_web


def policy(answer):
    parts = (part.split() for part in answer.headers["Content-Security-Policy"].split(";"))
    return {name: sources for name, *sources in parts}


@pytest.mark.parametrize("page", ["/", "/articles", "/nowhere", "/site.css", "/healthz"])
def test_every_answer_says_what_a_browser_may_do(web, page):
    with web.get(page) as answer:
        held, headers = policy(answer), answer.headers
    assert held["default-src"] == held["form-action"] == ["'self'"]
    assert held["object-src"] == held["base-uri"] == held["frame-ancestors"] == ["'none'"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.parametrize(("url", "is_promised"), [("https://reports.example.com", True), ("http://localhost", False)])
def test_https_is_promised_where_there_is_https(installation, url, is_promised):
    runtime = replace(installation.runtime, settings=replace(installation.runtime.settings, public_url=url))
    headers = create_web(runtime).test_client().get("/").headers
    assert headers.get("Strict-Transport-Security") == ("max-age=31536000" if is_promised else None)
