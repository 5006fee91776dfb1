"""An installation whose templates a test may break."""

import shutil
from dataclasses import replace

import pytest

from nurture.config.settings import load_settings
from nurture.lint.inspection import inspect
from nurture.lint.rendering import rendered_mail_of
from nurture.mail.compose import render
from nurture.mail.personas import PERSONAS, find_mail, sample_request
from nurture.runtime import build_runtime
from tests.conftest import MONDAY

MAIL = "lumbar-sciatica/three-ds"
# A rule that is for all finds its fault for these as well.
FEW = {each: PERSONAS[each] for each in ("a plain name", "no name", "markup")}
HTML, TEXT, SUBJECT = (f"emails/{MAIL}/{part}" for part in ("body.html", "body.txt", "subject.txt"))


@pytest.fixture(scope="session")
def sample(home, tmp_path_factory):
    """One mail, ready for the rules: those about words need no template, and a mail takes its time to make."""
    var = tmp_path_factory.mktemp("sample")
    settings = load_settings({"NURTURE_HOME": str(home), "NURTURE_VAR": str(var), "NURTURE_SECRET_KEY": "test"})
    runtime = build_runtime(settings)
    request = sample_request(*find_mail(runtime.catalogue, MAIL), "Ann", MONDAY)
    yield rendered_mail_of(runtime.mail_kit, request, render(runtime.mail_kit, request))
    runtime.database.close()


@pytest.fixture(scope="module")
def shared(home, tmp_path_factory):
    """A copy of the files for this module alone: a test puts back what it changed."""
    place = tmp_path_factory.mktemp("broken") / "home"
    shutil.copytree(home, place)
    return place


@pytest.fixture
def place(shared):
    changed = {}

    def change(name, old="", new=""):
        file = shared / "templates" / name
        text = file.read_text()
        changed.setdefault(file, text)
        assert old in text
        file.write_text(text.replace(old, new, 1))
        return file

    change.home = shared
    yield change
    for file, text in changed.items():
        file.write_text(text)


def opened(installation, place):
    """The installation's runtime over the changed copy."""
    return build_runtime(replace(installation.runtime.settings, home=place.home))


def findings(installation, place, mail=MAIL, personas=FEW):
    runtime = opened(installation, place)
    return inspect(runtime.mail_kit, *find_mail(runtime.catalogue, mail), personas)


def only(runtime, *mails):
    """The runtime of an installation that sends these mails alone: looking at all takes its time."""
    campaigns = {}
    for campaign, step in (find_mail(runtime.catalogue, mail) for mail in mails):
        steps = (*campaigns.get(campaign.name, replace(campaign, steps=())).steps, step)
        campaigns[campaign.name] = replace(campaign, steps=steps)
    return replace(runtime, catalogue=replace(runtime.catalogue, campaigns=campaigns))
