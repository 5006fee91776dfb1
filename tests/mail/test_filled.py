"""Mails filled in without their templates are, for every reader, what rendering would have made."""

import shutil
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from nurture.config.settings import load_settings
from nurture.domain.lead import parse_name
from nurture.domain.message import MailKind
from nurture.mail import filled
from nurture.mail.filled import Filler, rendered
from nurture.mail.personas import sample_request
from nurture.runtime import build_runtime
from tests.conftest import MONDAY

BODY, TEXT, SUBJECT = (f"emails/lumbar-sciatica/three-ds/{name}" for name in ("body.html", "body.txt", "subject.txt"))
NAMES = st.text(min_size=1, max_size=100).filter(lambda name: isinstance(parse_name(name), str) and parse_name(name))


@pytest.fixture(scope="module")
def kit(shipped_home, tmp_path_factory):
    var = str(tmp_path_factory.mktemp("var"))
    return build_runtime(load_settings({"NURTURE_HOME": str(shipped_home), "NURTURE_VAR": var})).mail_kit


def requests(kit, name="Ann Lee", number=1):
    """One mail of each nurture step, for a lead of that name and number."""
    campaign = kit.catalogue.campaigns["lumbar-sciatica"]
    for step in campaign.steps:
        if step.kind is MailKind.NURTURE:
            request = sample_request(campaign, step, "Ann Lee", MONDAY)
            lead = replace(
                request.lead, id=number, public_id=f"l{number:015d}", name=name, email=f"l{number}@example.com"
            )
            yield replace(request, lead=lead, enrolment_public_id=f"e{number:015d}")


def of_step(kit, step, name="Ann Lee"):
    return next(each for each in requests(kit, name) if each.step.name == step)


def read(data):
    """What a mail program shows of the mail, and its headers."""
    mail = message_from_bytes(data, policy=default)
    parts = [
        (part.get_content_type(), part.get_payload(decode=True)) for part in mail.walk() if not part.is_multipart()
    ]
    return mail.items(), parts


def is_filled(filler, request):
    """Whether mails of that sort are filled in, once one of them is written."""
    filler.write(request, "<a@b>", MONDAY)
    return filler._sorts[request.campaign.name, request.step.name, request.lead.name != ""] is not None


def test_every_shipped_nurture_mail_is_filled_and_says_what_is_rendered(kit):
    """Two readers in turn: fails when one sees a word of the other's."""
    filler = Filler(kit)
    for ann, bob in zip(requests(kit), requests(kit, "Bob O'Hara", 2), strict=True):
        for request in (ann, bob, ann):
            written = filler.write(request, "<a@b>", MONDAY)
            assert read(written) == read(rendered(kit, request, "<a@b>", MONDAY))
            other = b"l2@example.com" if request is ann else b"l1@example.com"
            assert other not in written
        assert is_filled(filler, ann)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
@example("Zoë <b>&\"'")
@example("{{ 7 * 7 }} {% raw %}")
@example("x" * 100)
@example("=3D= .")
@example("v0n0e")
@given(NAMES)
def test_whatever_a_reader_is_called(kit, name):
    request = of_step(kit, "dry-needling", parse_name(name))
    filler = _kept(kit)
    written = filler.write(request, "<a@b>", MONDAY)
    assert read(written) == read(rendered(kit, request, "<a@b>", MONDAY))
    # RFC 2045 6.7 (5): no line of a body is longer.
    assert max(len(line) for line in written.partition(b"\r\n\r\n")[2].split(b"\r\n")) <= 76


def _kept(kit, kept={}):  # noqa: B006 - one for all examples
    return kept.setdefault(id(kit), Filler(kit))


# What a template may do with a name besides printing it. Each must be noticed, or a mail would say what another should.
LOOKS = [
    "{% if lead.first_name == 'Ann' %}A{% endif %}",
    "{{ lead.first_name | upper }}",
    "{{ lead.first_name | length }}",
    "{{ lead.first_name[:2] }}",
    "{{ lead.first_name ~ '!' }}",
    "{{ 'Dear ' + lead.first_name }}",
    "{{ 'Dear %s' | format(lead.first_name) }}",
    "{{ ['Dear', lead.first_name] | join(' ') }}",
    "{{ 'Dear X' | replace('X', lead.first_name) }}",
    "{% for letter in lead.first_name %}{{ letter }}-{% endfor %}",
    "{% if 'n' in lead.first_name %}n{% endif %}",
    "{% if lead.first_name in ['Ann'] %}A{% endif %}",
    "{{ {'Ann': 1}.get(lead.first_name, 2) }}",
    "{{ lead.first_name | wordwrap(3) }}",
    "{{ lead.first_name.center(20) }}",
    "{% if lead.first_name < 'B' %}A{% endif %}",
    "{{ [lead.first_name, 'B'] | sort | first }}",
    "{{ lead.first_name | urlencode }}",
    "{{ lead.first_name | trim }}",
    "{{ lead.first_name | safe }}",
    "{{ lead.number + 1 }}",
    # C code reads these without asking.
    "{% if lead.first_name in 'Bob, Cy' %}A{% endif %}",
    "{% if 'Bobby'.startswith(lead.first_name) %}A{% endif %}",
    "{{ 'Bob Cy'.count(lead.first_name) }}",
    "{{ lead.first_name | int }}",
    "{{ lead.first_name | float }}",
    "{% if lead.first_name is string %}A{% endif %}",
    "{% if lead.number is number %}A{% endif %}",
    "{% set greeting %}{{ lead.first_name }}{% endset %}{{ greeting | length }}",
    "{% filter upper %}{{ lead.first_name }}{% endfilter %}",
]


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("where", ["html", "text"])
def test_a_template_that_looks_at_a_value_is_rendered_for_every_reader(changed, where, look):
    kit = changed({BODY if where == "html" else TEXT: look})
    filler, request = Filler(kit), of_step(kit, "three-ds")
    try:
        whole = rendered(kit, request, "<a@b>", MONDAY)
    except ValueError:
        pytest.skip("no mail can be made of this")
    assert read(filler.write(request, "<a@b>", MONDAY)) == read(whole)
    assert not is_filled(filler, request)


@pytest.mark.parametrize(
    "drawn", ["{{ ['A', 'A'] | random }}", "{{ [['A']] | map('random') | first }}", "{{ why is sameas why }}"]
)
def test_a_mail_that_draws_lots_is_rendered_for_every_reader(changed, drawn):
    """Its readers would all have what the first drew."""
    kit = changed({BODY: drawn, TEXT: drawn})
    assert not is_filled(Filler(kit), of_step(kit, "three-ds"))


def test_a_text_that_names_its_type_is_text(changed):
    """Fails when holes after such words are taken for HTML's, and names escaped in them."""
    kit = changed({TEXT: "Content-Type: text/html {{ lead.first_name }}"})
    filler = Filler(kit)
    for name in ("Ann", "O'Hara"):
        request = of_step(kit, "three-ds", name)
        assert read(filler.write(request, "<a@b>", MONDAY)) == read(rendered(kit, request, "<a@b>", MONDAY))
        assert is_filled(filler, request)


@pytest.mark.parametrize(
    "shown", ["{{ lead.first_name }}", "{% if lead.name %}{{ lead.name }}{% else %}you{% endif %}", "{{ lead.number }}"]
)
def test_a_template_that_prints_a_value_is_filled(changed, shown):
    kit = changed({BODY: shown, TEXT: shown})
    filler = Filler(kit)
    for name in ("Ann Lee", "", "Bob <i>"):
        request = of_step(kit, "three-ds", name)
        assert read(filler.write(request, "<a@b>", MONDAY)) == read(rendered(kit, request, "<a@b>", MONDAY))
        assert is_filled(filler, request)


def test_a_name_in_an_address_is_written_as_rendering_would(changed):
    """libxml2 encodes what stands in an address, so a name with a blank is rendered."""
    kit = changed({BODY: '<a href="https://clinic.example/?for={{ lead.name }}">Here</a>'})
    filler = Filler(kit)
    for name in ("Ann", "Ann Lee", "Zoë"):
        request = of_step(kit, "three-ds", name)
        assert read(filler.write(request, "<a@b>", MONDAY)) == read(rendered(kit, request, "<a@b>", MONDAY))


def test_what_differs_from_reader_to_reader_unforeseen_is_rendered(kit, monkeypatch):
    """Fails when the decoy's context is not compared: a name that is no known value would be everybody's."""
    without = {place: value for place, value in filled._VALUES.items() if place != ("lead", "name")}
    monkeypatch.setattr(filled, "_VALUES", without)
    monkeypatch.setattr(filled, "_PLACES", tuple(without))
    filler = Filler(kit)
    assert not is_filled(filler, of_step(kit, "three-ds"))


def test_each_mail_has_its_own_date_and_message_id(kit):
    filler, request = Filler(kit), of_step(kit, "three-ds")
    first, second = (filler.write(request, f"<{at.day}@b>", at) for at in (MONDAY, MONDAY + timedelta(days=1)))
    for data, at in ((first, MONDAY), (second, MONDAY + timedelta(days=1))):
        mail = message_from_bytes(data, policy=default)
        assert (mail["Message-ID"], mail["Date"].datetime) == (f"<{at.day}@b>", at.replace(microsecond=0))


@pytest.fixture
def changed(shipped_home, tmp_path):
    """A kit whose templates have something before the end of their content."""

    def change(added):
        home = tmp_path / "home"
        shutil.copytree(shipped_home, home)
        for name, words in added.items():
            file = home / "templates" / name
            file.write_text(file.read_text().replace("{% block content %}", f"{{% block content %}}\n{words}\n", 1))
        environment = {"NURTURE_HOME": str(home), "NURTURE_VAR": str(tmp_path / "var")}
        return build_runtime(load_settings(environment)).mail_kit

    return change
