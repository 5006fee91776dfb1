"""What a limit on signups kept back: seen in `check` and `lead list --limited`, and let go by `lead release`."""

import json
from dataclasses import replace

import pytest

from nurture.config.settings import load_settings
from nurture.domain.limits import Limits, Visitor
from nurture.runtime import build_runtime
from nurture.service.signup import Request, sign_up


@pytest.fixture
def limited(run):
    """Ann got the report; Ben, Cat and Dan asked from the same network, where one may ask."""
    run("upgrade")
    settings = load_settings()
    web = replace(settings.web, limits=Limits(9, 9, 1, 9, 9, frozenset()))
    runtime = build_runtime(replace(settings, web=web))
    for name in ("ann", "ben", "cat", "dan"):
        sign_up(runtime, Request(f"{name}@example.com", "lumbar-sciatica", visitor=Visitor("10.0.0.0/24")))
    runtime.database.close()


def kept_back(run):
    return [each["email"].partition("@")[0] for each in json.loads(run("lead", "list", "--limited", "--json").stdout)]


def test_they_are_shown_and_counted(run, limited):
    assert kept_back(run) == ["dan", "cat", "ben"]
    assert "3 kept back by a limit, 3 of them within a day" in " ".join(run("check", code=1).output.split())
    shown = json.loads(run("lead", "show", "ben@example.com", "--json").stdout)
    assert [each["ended"] for each in shown["campaigns"]] == ["limited"]


def test_no_campaign_takes_them_in_and_its_command_says_so(run, limited):
    first, left_out = run("campaign", "enqueue", "lumbar-sciatica", "--segment", "all").stdout.splitlines()
    assert first == "0 leads were enrolled in lumbar-sciatica; 1 had been in it before."
    assert left_out == "3 leads left out: see nurture lead list --limited."


def test_they_are_released_by_name_or_all_together(run, limited):
    assert "1 lead was released." in run("lead", "release", "ben@example.com").output
    assert kept_back(run) == ["dan", "cat"]
    assert "2 leads would be released." in run("lead", "release", "--all", "--dry-run").output
    assert kept_back(run) == ["dan", "cat"]
    assert "2 leads were released." in run("lead", "release", "--all").output
    assert run("lead", "list", "--limited").output == "No limit keeps anything back.\n"
    queued = json.loads(run("delivery", "list", "--json").stdout)
    assert {(each["email"][:3], each["state"]) for each in queued} == {
        (n, "queued") for n in ("ann", "ben", "cat", "dan")
    }


def test_who_was_not_kept_back_is_said_to_be(run, limited):
    said = run("lead", "release", "ann@example.com", "ben@example.com").output
    assert said == "1 lead was released. Nothing was kept back for 1 lead.\n"


@pytest.mark.parametrize("words", [(), ("ben@example.com", "--all")])
def test_it_asks_whom(run, limited, words):
    assert "Say whom to release, or --all." in run("lead", "release", *words, code=2).output
    assert len(kept_back(run)) == 3
