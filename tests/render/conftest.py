"""The shipped files for tests that only render, and every mail that it can write."""

from dataclasses import replace

import pytest

from nurture.config.settings import load_settings
from nurture.mail.compose import compose
from nurture.mail.personas import sample_request, variants
from nurture.runtime import build_runtime
from tests.conftest import MONDAY, Clock


@pytest.fixture(scope="session")
def runtime(home, tmp_path_factory):
    """A runtime of the shipped files; its ledger is never opened."""
    var = tmp_path_factory.mktemp("var")
    settings = load_settings({"NURTURE_HOME": str(home), "NURTURE_VAR": str(var), "NURTURE_SECRET_KEY": "test"})
    return replace(build_runtime(settings), clock=Clock())


@pytest.fixture(scope="session")
def steps(runtime):
    """(campaign, step) of every mail that ships."""
    return [(campaign, step) for campaign in runtime.catalogue.campaigns.values() for step in campaign.steps]


@pytest.fixture(scope="session")
def messages(runtime, steps):
    """campaign/step -> the message of every mail that ships."""
    requests = {
        f"{campaign.name}/{step.name}": sample_request(campaign, step, "Ann Lee", MONDAY) for campaign, step in steps
    }
    return {
        name: compose(runtime.mail_kit, request, f"<{n}@clinic.example>")
        for n, (name, request) in enumerate(requests.items())
    }


@pytest.fixture(scope="session")
def every_mail(runtime, steps):
    """(name, message) of every mail; those about a visit also confirmed and moved, and booked at the last moment."""
    requests = [
        (f"{campaign.name}/{step.name} {variant}", request)
        for campaign, step in steps
        for variant, request in variants(sample_request(campaign, step, "Zoë O'Brien", MONDAY)).items()
    ]
    return [(name, compose(runtime.mail_kit, request, "<1@clinic.example>")) for name, request in requests]
