"""`/readyz` tells what is away and since when, in seconds and without an address; `/healthz` asks nobody."""

import socket
import time
from dataclasses import replace

import pytest

from nurture.service.signup import Request, sign_up
from nurture.store.database import Database
from nurture.web.app import create_web


def ask(runtime, page="/readyz", broker=""):
    began = time.monotonic()
    answer = create_web(runtime, broker).test_client().get(page)
    return answer, time.monotonic() - began


def test_an_installation_at_work_is_ready_and_says_when_it_swept_and_sent(any_installation):
    installation = any_installation
    fresh, _ = ask(installation.runtime)
    assert (fresh.status_code, fresh.json["status"]) == (200, "degraded")
    assert (fresh.json["last_sweep"], fresh.json["last_send"]) == (None, None)
    sign_up(installation.runtime, Request("ann@example.com", "lumbar-sciatica"))
    installation.work()
    installation.clock.forward(seconds=30)
    ready, _ = ask(installation.runtime)
    at = "2026-03-02T16:17:00+00:00"
    told = {"status": "ok", "database": "ok", "broker": "not asked", "last_sweep": at, "last_send": at}
    assert (ready.status_code, ready.json) == (200, told)
    installation.clock.forward(minutes=6)
    assert ask(installation.runtime)[0].json["status"] == "degraded"


def test_a_broker_that_is_away_delays_mail_and_turns_nobody_away(installation):
    installation.work()
    answer, _ = ask(installation.runtime, broker="redis://127.0.0.1:1/0")
    assert (answer.status_code, answer.json["broker"], answer.json["status"]) == (200, "away", "degraded")


@pytest.fixture
def silent():
    """A server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_silent_database_is_told_within_seconds_and_health_does_not_ask_it(installation, silent):
    url = f"postgresql://nurture:secretpw@127.0.0.1:{silent}/nurture"
    runtime = replace(installation.runtime, database=Database(url))
    answer, seconds = ask(runtime, broker=f"redis://127.0.0.1:{silent}/0")
    assert (answer.status_code, answer.json["status"]) == (503, "unavailable")
    assert (answer.json["database"], answer.json["broker"]) == ("away", "away")
    assert seconds < 5
    assert "secretpw" not in answer.text
    health, seconds = ask(runtime, "/healthz")
    assert health.status_code == 200
    assert seconds < 1
