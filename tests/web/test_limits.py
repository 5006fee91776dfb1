"""Limits on the public page: whoever is past one is answered like everybody, and only not mailed."""

import re
from dataclasses import replace

import pytest

from nurture.domain.limits import Limits
from nurture.service.release import limited_leads
from nurture.web.app import create_web

KEY = "V3ry-long-w0rd-that-no-one-guesses-1a2b3c"
BEARER = {"Authorization": f"Bearer {KEY}"}


@pytest.fixture
def strict(installation):
    """An installation with the shipped limits and a key for the clinic's own server."""
    settings = installation.runtime.settings
    web = replace(settings.web, limits=Limits(1, 3, 20, 30, 300, frozenset({"gmail.com"})))
    installation.runtime = replace(installation.runtime, settings=replace(settings, web=web, signup_key=KEY))
    return installation


@pytest.fixture
def web(strict):
    return create_web(strict.runtime).test_client()


def mailed(installation):
    installation.work()
    return len(installation.transport.mails)


def without_token(text):
    return re.sub(r"[\w-]{20}\.[\w-]{22}", "token", text)


@pytest.mark.parametrize("as_json", [True, False])
def test_a_hundred_spellings_of_one_mailbox_are_answered_alike_and_mailed_once(strict, web, as_json):
    answers = set()
    for n in range(100):
        sent = {"email": f"victim+{n}@example.com"}
        answer = web.post("/signup", json=sent) if as_json else web.post("/signup", data=sent, follow_redirects=True)
        answers.add((answer.status_code, without_token(answer.text)))
    assert len(answers) == 1
    assert mailed(strict) == 1


def test_the_download_of_who_is_past_a_limit_works(strict, web):
    for n in range(2):
        answer = web.post("/signup", json={"email": f"victim+{n}@example.com"}).json
    assert len(limited_leads(strict.runtime)) == 1
    assert "Do I need an MRI?" in web.get("/" + answer["report_url"].split("/", 3)[3]).text


def test_a_loop_over_strangers_mails_no_more_than_its_network_may(strict, web):
    for n in range(60):
        # Nobody believes what it says of where it is.
        headers = {"X-Forwarded-For": f"10.{n}.0.1"}
        web.post("/signup", json={"email": f"stranger{n}@gmail.com"}, headers=headers)
    assert mailed(strict) == 20


def test_the_clinics_own_server_signs_up_as_many_as_come(strict, web):
    for n in range(40):
        assert web.post("/signup", json={"email": f"lead{n}@example.com"}, headers=BEARER).status_code == 200
    web.post("/signup", json={"email": "lead0+again@example.com"}, headers=BEARER)
    assert mailed(strict) == 40


@pytest.mark.parametrize("word", ["Bearer wrong", "Bearer ", f"bearer {KEY}x", "Bearer é"])
def test_another_key_is_refused_and_saves_nothing(strict, web, word):
    answer = web.post("/signup", json={"email": "ann@example.com"}, headers={"Authorization": word})
    assert (answer.status_code, answer.json["error"]) == (401, "bad_key")
    assert mailed(strict) == 0


def test_where_no_key_is_set_none_is_right(strict):
    runtime = replace(strict.runtime, settings=replace(strict.runtime.settings, signup_key=""))
    browser = create_web(runtime).test_client()
    assert browser.post("/signup", json={}, headers={"Authorization": "Bearer "}).status_code == 401


def test_a_login_that_a_browser_sends_along_is_no_key(strict, web):
    headers = {"Authorization": "Basic dXNlcjpwYXNz"}
    assert web.post("/signup", json={"email": "ann@example.com"}, headers=headers).status_code == 200
