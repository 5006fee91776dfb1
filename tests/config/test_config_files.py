"""What may stand in config/ and templates/, and what is refused by file and key."""

import re
import shutil
from dataclasses import replace

import pytest

from nurture.config.catalogue import load_catalogue
from nurture.config.settings import load_settings
from nurture.domain.errors import ConfigError
from nurture.runtime import build_runtime
from nurture.service.request import Request
from nurture.service.signup import sign_up
from tests.conftest import Installation


@pytest.fixture
def place(home, tmp_path):
    shutil.copytree(home, tmp_path / "home")
    return tmp_path / "home"


def load(place):
    settings = load_settings({"NURTURE_HOME": str(place)})
    return load_catalogue(settings)


def complaint(place):
    """What is said against the installation, or nothing."""
    try:
        load(place)
    except ConfigError as refused:
        return str(refused)
    return ""


def change(place, name, old, new):
    file = place / "config" / name
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


DRIP, VISIT, SETTINGS = "campaigns/lumbar-sciatica.toml", "campaigns/discovery-visit.toml", "nurture.toml"
BROKEN = [
    (DRIP, 'after_last = "2d"', 'after_lst = "2d"', "after_last"),
    (DRIP, 'after_last = "2d"', 'after_last = "2 days"', "2 days"),
    (DRIP, 'after_last = "2d"', 'after_last = "2d"\nafter_enrolment = "1d"', "after_enrolment"),
    (DRIP, 'after_last = "2d"', 'before_visit = "2d"', "counts from a visit"),
    (DRIP, 'name = "three-ds"', 'name = "three-steps"', "twice"),
    (DRIP, 'name = "three-ds"', 'name = "Three Ds"', "name"),
    (DRIP, 'kind = "nurture"', 'kind = "spam"', "spam"),
    (DRIP, '"suppressed", "repeated"', '"bored"', "bored"),
    (DRIP, 'opens = "09:00"', 'opens = "19:00"', "closes"),
    (DRIP, 'opens = "09:00"', 'opens = "9"', "opens"),
    (DRIP, '"mon", "tue"', '"monday", "tue"', "days"),
    (DRIP, 'article = "sleep"', 'article = "dreams"', "dreams"),
    (DRIP, 'report = "lumbar-sciatica"', 'report = "neck"', "neck"),
    (DRIP, "title =", "titel =", "title"),
    (DRIP, "consent =", "assent =", "consent"),
    (DRIP, "invitations over {{ weeks }}", "invitations over {{ wekes }}", "consent"),
    (DRIP, "Over the next {{ weeks }}", "Over the next {% weeks %}", "what_follows"),
    (VISIT, 'starts_on = "visit_booked"', 'starts_on = "visit_booked"\nconsent = "Yes."', "consent"),
    (DRIP, 'stale_after = "5d"', 'stale_after = "0d"', "stale_after"),
    (DRIP, "[window]", "[window", "valid TOML"),
    (VISIT, 'calendar = "REQUEST"', 'calendar = "MAYBE"', "MAYBE"),
    (VISIT, 'morning_of_visit = "07:30"', 'morning_of_visit = "early"', "early"),
    (SETTINGS, 'zone = "America/Chicago"', 'zone = "Texas"', "zone"),
    (SETTINGS, "concurrency = 2", "concurrency = 0", "concurrency"),
    (SETTINGS, "concurrency = 2", "concurency = 2", "concur"),
    (SETTINGS, "connections = 10", "connections = 51", "connections is 51"),
    (SETTINGS, "minutes = 45", 'minutes = "45"', "minutes"),
    (SETTINGS, 'report = "lumbar-sciatica"', 'report = "neck"', "web.report names 'neck'"),
    (SETTINGS, 'primary = "#0f4c5c"', 'primary = "red;} body{display:none"', "primary"),
    (SETTINGS, 'from_address = "care@clinic.example"', 'from_address = "care"', "from_address"),
    (SETTINGS, 'address = "frontdesk@clinic.example"', 'address = "frontdesk"', "desk.address"),
    (DRIP, 'kind = "requested"', 'kind = "staff"', "call_wanted"),
    ("campaigns/desk-call.toml", 'kind = "staff"', 'kind = "nurture"', "call_wanted"),
    (SETTINGS, '"12-25"', '"Christmas"', "holidays"),
    (SETTINGS, '"12-25"', '"13-45"', "13-45"),
    (SETTINGS, '"12-25"', '"2026-W48-4"', "2026-W48-4"),
    (SETTINGS, "minutes = 45", "minutes = 45.7", "minutes is 45.7; it must be a whole number"),
    (SETTINGS, "minutes = 45", "minuets = 45", "minutes is missing; is it 'minuets'?"),
    (SETTINGS, "sweep_seconds = 5", "sweep_seconds = inf", "sweep_seconds is inf"),
    (SETTINGS, "sweep_seconds = 5", "sweep_seconds = nan", "sweep_seconds is nan"),
    (SETTINGS, 'logo = ""', 'logo = ""\nlgo = ""', "lgo is not a known key"),
    (SETTINGS, 'zone = "America/Chicago"', 'zone = "America/Chigaco"', "did you mean 'America/Chicago'?"),
    (SETTINGS, 'name = "MOSS', 'name = "\\u0000MOSS', "one line of text"),
    (DRIP, 'after_last = "2d"', 'after_last = "2d"\nunles = ["replied"]', "did you mean 'unless'?"),
    (DRIP, '"suppressed", "repeated"', '"suppressd"', "did you mean 'suppressed'?"),
    (DRIP, 'kind = "nurture"', 'kind = "nutrure"', "did you mean 'nurture'?"),
    (DRIP, '"mon", "tue"', '"mond", "tue"', "did you mean 'mon'?"),
    (VISIT, 'window = "any"', 'window = "anyy"', "did you mean 'any'?"),
]


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: f"{broken[0]} {broken[2]}")
def test_bad_data_is_refused_by_file_and_key(place, broken):
    name, old, new, named = broken
    change(place, name, old, new)
    with pytest.raises(ConfigError) as refused:
        load(place)
    assert name in str(refused.value)
    assert named in str(refused.value)
    assert "\n" not in str(refused.value)


WRONG = (
    "inf",
    "-1",
    "nan",
    "1e999",
    "9" * 400,
    "9" * 5000,
    "true",
    '""',
    '" "',
    "[]",
    "[[]]",
    "{}",
    "1979-05-27",
    "[1]",
)


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong[:5])
def test_any_value_of_any_key_is_taken_or_refused_by_file(place, wrong):
    for file in (place / "config").rglob("*.toml"):
        whole = file.read_text()
        for line in [line for line in whole.splitlines() if re.match(r"\w+ = .*[^,\[]$", line)]:
            file.write_text(whole.replace(line, f"{line.split(' = ')[0]} = {wrong}"))
            said = complaint(place)
            assert not said or (file.name in said and "\n" not in said), line
        file.write_text(whole)


@pytest.mark.parametrize("name", [SETTINGS, DRIP])
def test_a_file_from_windows_is_read_and_one_in_its_old_letters_is_named(place, name):
    file = place / "config" / name
    text = file.read_text().replace("\n", "\r\n")
    file.write_bytes(text.encode("utf-8-sig"))
    load(place)
    for foreign in ("cp1252", "utf-16"):
        file.write_bytes(f"# Präsentation\r\n{text}".encode(foreign))
        with pytest.raises(
            ConfigError, match=rf"{name} is not saved as UTF-8 \(see line 1\).* Save it again as UTF-8\.$"
        ):
            load(place)


def test_secrets_can_be_files_and_do_not_show(place, tmp_path):
    (tmp_path / "url").write_text("postgresql://u:secretpw@h/n\n")
    settings = load_settings({"NURTURE_HOME": str(place), "NURTURE_DATABASE_URL_FILE": str(tmp_path / "url")})
    assert settings.database_url == "postgresql://u:secretpw@h/n"
    assert "secretpw" not in repr(settings)


def test_a_new_lead_magnet_is_files_alone_and_promises_its_own_report(place, installation: Installation):
    reports, campaigns = place / "templates" / "reports", place / "config" / "campaigns"
    (reports / "balance.md").write_text(
        '+++\ntitle = "Steady on Your Feet"\nsubtitle = "s"\nsummary = "s"\ntopics = ["balance"]\n'
        '[[red_flags]]\ndo = "Call 911"\nsigns = ["a fall"]\n+++\n'
        "## 1. Why?\n\n**So.**\n"
    )
    drip = (campaigns / "lumbar-sciatica.toml").read_text().split("[[steps]] # day 1")[0]
    (campaigns / "balance.toml").write_text(drip.replace('"lumbar-sciatica"', '"balance"'))
    mails = place / "templates" / "emails"
    shutil.copytree(mails / "lumbar-sciatica" / "report", mails / "balance" / "report")
    runtime = build_runtime(replace(installation.runtime.settings, home=place))
    installation.runtime = replace(installation.runtime, catalogue=runtime.catalogue, renderer=runtime.renderer)
    assert sign_up(installation.runtime, Request("ann@example.com", "balance")).is_new
    installation.work()
    mail = installation.transport.mails[0].data.decode()
    assert "Steady on Your Feet" in mail
    assert "Lumbar" not in mail
