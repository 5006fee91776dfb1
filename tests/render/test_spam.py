"""What SpamAssassin says of every mail that ships, by its own rules alone: no network, no learning."""

import mailbox
import os
import shutil
import subprocess
from contextlib import closing
from dataclasses import replace
from email.utils import format_datetime

import pytest

from nurture.config.settings import load_settings
from nurture.mail.compose import compose
from nurture.mail.personas import sample_request, variants
from nurture.render.mime import serialise
from nurture.runtime import build_runtime
from tests.conftest import MONDAY, Clock

MOST = 1.0
# The Generic Test for Unsolicited Bulk Email: whoever filters at all gives it a thousand points.
GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"


@pytest.fixture(scope="module")
def spamassassin():
    program = shutil.which("spamassassin")
    if program is None:
        if os.environ.get("CI"):
            raise FileNotFoundError("SpamAssassin is not installed")
        pytest.skip("no SpamAssassin on this machine")
    return program


@pytest.fixture(scope="module")
def runtime(home, tmp_path_factory):
    """An installation whose pages have an address of their own, as readers see it."""
    environment = {
        "NURTURE_HOME": str(home),
        "NURTURE_VAR": str(tmp_path_factory.mktemp("var")),
        "NURTURE_PUBLIC_URL": "https://reports.example.com",
    }
    return replace(build_runtime(load_settings(environment)), clock=Clock())


def received(message):
    """The message as the reader's server hands it to the filter."""
    trace = "from relay.example.com (relay.example.com [93.184.216.34]) by mail.example.net with ESMTPS"
    return f"Received: {trace}; {format_datetime(MONDAY)}\r\n".encode() + serialise(message)


def judged(program, messages, folder):
    """Message-ID -> (points, the rules that gave them); one run of the program for all, which answers in any order."""
    command = [program, "--local", "--mbox", "--nocreate-prefs", "--cf=use_bayes 0", "--cf=report_safe 0"]
    command += ["--cf=fold_headers 0", "--cf=add_header all Points _SCORE_ _TESTSSCORES_"]
    with closing(mailbox.mbox(folder / "mails")) as box:
        for message in messages:
            box.add(received(message))
    with (folder / "mails").open("rb") as mails, (folder / "judged").open("wb") as answer:
        home = os.environ | {"HOME": str(folder)}
        subprocess.run(command, stdin=mails, stdout=answer, env=home, check=True, timeout=300)
    with closing(mailbox.mbox(folder / "judged")) as box:
        lines = {mail["Message-ID"]: mail["X-Spam-Points"].split(" ", 1) for mail in box}
    return {name: (float(points), rules) for name, (points, rules) in lines.items()}


def test_no_mail_looks_like_spam(spamassassin, runtime, tmp_path):
    steps = [(campaign, step) for campaign in runtime.catalogue.campaigns.values() for step in campaign.steps]
    requests = {
        f"<{campaign.name}.{step.name}.{variant.replace(' ', '-')}@clinic.example>": request
        for campaign, step in steps
        for variant, request in variants(sample_request(campaign, step, "Ann Miller", MONDAY)).items()
    }
    messages = [compose(runtime.mail_kit, request, name) for name, request in requests.items()]
    benign = messages[0]
    spam = replace(
        benign,
        envelope=replace(benign.envelope, message_id="<generic-test@clinic.example>"),
        content=replace(benign.content, text=f"{GTUBE}\n{benign.content.text}"),
    )
    points = judged(spamassassin, [*messages, spam], tmp_path)
    assert points.pop("<generic-test@clinic.example>")[0] > 900
    assert len(points) == len(requests)
    assert {name: each for name, each in points.items() if each[0] > MOST} == {}
