"""What the rules said is kept while nothing changes that they look at, and asked anew when anything does."""

import json
from dataclasses import replace

import pytest

from nurture.check import check_installation
from nurture.config.settings import load_settings
from nurture.domain.errors import Refusal
from nurture.domain.segment import parse_segment
from nurture.lint.verdict import verdict
from nurture.runtime import build_runtime
from nurture.service.enqueue import Enqueued, enqueue
from tests.lint.conftest import HTML, MAIL, SUBJECT, only

DRIP = MAIL.partition("/")[0]


@pytest.fixture
def opened(installation, place, tmp_path):
    """Gives the runtime of the copy as its files are now; `blind` cannot render, so it answers from what is kept."""
    settings = load_settings({"NURTURE_HOME": str(place.home), "NURTURE_VAR": str(tmp_path / "other")})

    def read(*, blind=False, settings=settings):
        fresh = only(build_runtime(settings), MAIL, f"{DRIP}/report")
        return replace(fresh, database=installation.runtime.database, renderer=None if blind else fresh.renderer)

    return read


def rules(runtime):
    return [each.rule for each in verdict(runtime.mail_kit, [runtime.catalogue.campaigns[DRIP]])]


def is_asked_anew(runtime):
    try:
        rules(runtime)
    except AttributeError:
        return True
    return False


def test_a_second_enqueue_does_not_ask_again_and_says_the_same(opened, place):
    segment = parse_segment("all")
    assert enqueue(opened(), DRIP, segment) == enqueue(opened(blind=True), DRIP, segment) == Enqueued(0, 0)
    place(SUBJECT, "Three", "Knees: THREE")
    refused = enqueue(opened(), DRIP, segment)
    assert isinstance(refused, Refusal)
    assert enqueue(opened(blind=True), DRIP, segment) == refused
    assert rules(opened(blind=True)) == ["privacy", "shouting"]


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (HTML, "<p>Dr. Moss keeps", "<p>Dr. Moss still keeps"),
        ("articles/sleep.md", "sleep", "rest"),
        ("../config/nurture.toml", "words = []", 'words = ["index"]'),
        (f"../config/campaigns/{DRIP}.toml", 'after_last = "2d"', 'after_last = "3d"'),
    ],
)
def test_a_changed_file_asks_anew(opened, place, name, old, new):
    rules(opened())
    assert not is_asked_anew(opened(blind=True))
    place(name, old, new)
    assert is_asked_anew(opened(blind=True))


def test_another_program_or_address_asks_anew(opened, monkeypatch):
    settings = opened().settings
    rules(opened())
    assert is_asked_anew(opened(blind=True, settings=replace(settings, public_url="https://clinic.example")))
    monkeypatch.setattr("nurture.__version__", "9.9.9")
    assert is_asked_anew(opened(blind=True))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"digest": 1}', '{"digest": "x", "findings": [{"file": "a"}]}'])
def test_a_verdict_that_cannot_be_read_is_none(opened, text):
    rules(opened())
    file = opened().settings.var / "verdicts" / f"{DRIP}.json"
    assert json.loads(file.read_text())["findings"] == []
    file.write_text(text)
    assert is_asked_anew(opened(blind=True))
    assert rules(opened()) == []


def test_where_nothing_can_be_written_the_rules_answer_all_the_same(opened):
    (opened().settings.var).mkdir(exist_ok=True)
    (opened().settings.var / "verdicts").write_text("in the way")
    assert rules(opened()) == []


def test_the_check_tells_faults_from_advice(opened, place):
    def templates():
        [answer] = [
            each for each in check_installation(opened(), "redis://127.0.0.1:1/0") if each.subject == "templates"
        ]
        return answer.is_good, answer.words

    place(SUBJECT, "Three", "THREE")
    assert templates() == (True, "no fault in any mail, for any sort of reader; 1 to consider: nurture template check")
    place(HTML, "Short enough", "Knees, short enough")
    good, said = templates()
    assert not good
    assert said.startswith("1 to mend, and until then nurture campaign enqueue refuses")
