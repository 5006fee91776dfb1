"""Every mail of the catalogue, for readers of its own kind."""

from dataclasses import replace

import pytest

from nurture.service.compose import write
from nurture.service.runtime import build_runtime
from nurture.service.samples import sample_letter, variants
from nurture.settings import load_settings
from tests.conftest import MONDAY


@pytest.fixture(scope="session")
def every_mail(home, tmp_path_factory):
    """(name, message) of every mail; those about a visit also confirmed and moved, and booked at the last moment."""
    var = str(tmp_path_factory.mktemp("var"))
    settings = load_settings({"NURTURE_HOME": str(home), "NURTURE_VAR": var, "NURTURE_SECRET_KEY": "test"})
    runtime = replace(build_runtime(settings), clock=lambda: MONDAY)
    steps = [(campaign, step) for campaign in runtime.catalogue.campaigns.values() for step in campaign.steps]
    letters = [
        (f"{campaign.name}/{step.name} {variant}", letter)
        for campaign, step in steps
        for variant, letter in variants(sample_letter(campaign, step, "Zoë O'Brien", MONDAY)).items()
    ]
    return [(name, write(runtime, letter, "<1@clinic.example>")) for name, letter in letters]
