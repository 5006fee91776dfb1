"""What is meant for this machine alone answers to no name but its own, whoever makes one lead here."""

from dataclasses import replace

import pytest

from nurture.local.inbox.pages import inbox_blueprint
from nurture.web.app import create_web

OTHERS = ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost.evil.example:8000", "10.0.0.5", ""]
OWN = ["localhost", "localhost:8000", "127.0.0.1:8000"]


def browser(installation, public_url):
    runtime = replace(installation.runtime, settings=replace(installation.runtime.settings, public_url=public_url))
    app = create_web(runtime)
    app.register_blueprint(inbox_blueprint(runtime.settings.var / "inbox"))
    return app.test_client()


@pytest.mark.parametrize("public_url", ["http://127.0.0.1:8000", "https://reports.example.com"])
@pytest.mark.parametrize("host", OTHERS)
@pytest.mark.parametrize("path", ["/inbox", "/inbox/1", "/inbox/1/html", "/inbox/1/attachment/0"])
def test_captured_mail_is_shown_to_this_machine_alone(installation, public_url, host, path):
    answer = browser(installation, public_url).get(path, headers={"Host": host, "Accept": "application/json"})
    assert (answer.status_code, answer.json["error"]) == (400, "unknown_host")


@pytest.mark.parametrize("host", OWN)
def test_its_own_names_open_everything(installation, host):
    local = browser(installation, "http://localhost:8000")
    for path in ("/", "/inbox", "/healthz"):
        assert local.get(path, headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", OTHERS)
def test_pages_without_a_public_address_answer_to_this_machine_alone(installation, host):
    answer = browser(installation, "http://127.0.0.1:8000").get("/", headers={"Host": host})
    assert answer.status_code == 400
    assert "NURTURE_PUBLIC_URL" in answer.text


def test_public_pages_answer_to_whatever_name_a_proxy_hands_on(installation):
    assert (
        browser(installation, "https://reports.example.com").get("/", headers={"Host": "web:8000"}).status_code == 200
    )
