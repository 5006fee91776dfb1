"""docker-compose.yml keeps to this machine what is not meant for others, and runs what was tried."""

import re

import pytest

from tests.conftest import ROOT

COMPOSE = (ROOT / "docker-compose.yml").read_text()


def test_every_port_is_on_this_machine_alone():
    published = re.findall(r'ports: \["([^"]+)"\]', COMPOSE)
    assert len(published) == COMPOSE.count("ports:") == 2
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_every_image_names_its_version():
    images = re.findall(r"image: (\S+)", COMPOSE)
    assert {image.partition(":")[0] for image in images} == {"postgres", "redis", "axllent/mailpit"}
    assert all(re.search(r":v?\d", image) for image in images)


@pytest.mark.parametrize("name", ["POSTGRES_PASSWORD", "NURTURE_SECRET_KEY", "NURTURE_SMTP_URL"])
def test_what_somebody_must_decide_has_no_default(name):
    used = re.findall(rf"\$\{{{name}(.*?)\}}", COMPOSE)
    assert used
    assert all(each.startswith(":?") for each in used)


def test_mailpit_starts_only_when_it_is_asked_for():
    assert re.search(r"\n  mailpit:\n(    .*\n)*    profiles: \[mailpit\]", COMPOSE)
