"""What mails and pages say is so: the signs that should not wait, what we promise, and what a press does."""

import re
import shutil
from dataclasses import replace
from datetime import datetime
from io import StringIO
from token import NAME
from tokenize import generate_tokens

import pytest

from nurture.mail.compose import render
from nurture.mail.personas import sample_request, variants
from nurture.render.markdown import to_text
from nurture.runtime import build_runtime
from nurture.web.app import create_web
from tests.conftest import MONDAY, ROOT

REPORT = "lumbar-sciatica"


def flattened(words):
    """The words in one line, whatever they are wrapped or marked up with."""
    return " ".join(re.sub(r"<[^>]+>", " ", words).split())


def at_home(installation, home):
    """The installation's runtime, with the files of that home."""
    runtime = build_runtime(replace(installation.runtime.settings, home=home))
    return replace(runtime, database=installation.runtime.database, clock=installation.clock)


def places(runtime):
    """Everything a reader may see that has to name the signs that should not wait, by its name."""
    web, catalogue = create_web(runtime).test_client(), runtime.catalogue
    campaign = catalogue.campaigns[REPORT]
    asked = web.post("/signup", json={"email": "ann@example.com"}).json
    token = asked["report_url"].rpartition("/")[2]
    pages = ["/", "/reports/ten-questions", f"/thanks/{token}", f"/report/{token}"]
    pages += [f"/articles/{name}" for name in catalogue.articles]
    shown = {page: web.get(page).text for page in pages} | {"report": to_text(catalogue.reports[REPORT].body)}
    for step in campaign.steps:
        if step.article or step.name in {"report", "start-small", "three-ds"}:
            content = render(runtime.mail_kit, sample_request(campaign, step, "Ann", MONDAY))
            shown |= {f"{step.name}.html": content.html, f"{step.name}.txt": content.text}
    return {name.replace(token, ""): flattened(text) for name, text in shown.items()}


def test_every_place_names_the_signs_of_the_report_and_of_nothing_else(installation, home, tmp_path):
    shutil.copytree(home, tmp_path / "home")
    runtime = at_home(installation, tmp_path / "home")
    flags = runtime.catalogue.reports[REPORT].red_flags
    before = places(runtime)
    assert len(before) == 5 + 7 + 2 * (7 + 3)
    for flag in flags:
        for told in (flag.do, *flag.signs):
            assert [name for name, text in before.items() if told not in text] == []
    file = tmp_path / "home" / "templates" / "reports" / f"{REPORT}.md"
    file.write_text(file.read_text().replace("pain after a serious fall or accident", "a hiccup that lasts"))
    after = places(at_home(installation, tmp_path / "home"))
    assert [name for name, text in after.items() if "a hiccup that lasts" not in text] == []
    assert [name for name, text in after.items() if "a serious fall or accident" in text] == []


def test_the_signs_are_those_that_a_clinician_would_name(installation):
    now, today = installation.runtime.catalogue.reports[REPORT].red_flags
    told = "; ".join(now.signs)
    for sign in ("cannot pass urine", "do not feel", "lose control", "both legs", "between the legs", "serious fall"):
        assert sign in told
    assert ("911" in now.do, "today" in today.do) == (True, True)
    for sign in ("fever", "new back pain with a history of cancer", "weight loss", "at night", "smaller fall"):
        assert sign in "; ".join(today.signs)


@pytest.mark.parametrize("word", ["bladder", "emergency room", "history of cancer", "ever had cancer"])
def test_no_other_file_says_the_signs_by_itself(word):
    files = [file for file in (ROOT / "templates").rglob("*.*") if file.suffix in {".md", ".html", ".txt"}]
    assert {file.name for file in files if word in file.read_text()} <= {f"{REPORT}.md"}


@pytest.mark.parametrize("ending", ["html", "txt"])
def test_no_result_is_promised(ending):
    steps = ROOT / "templates" / "emails" / "lumbar-sciatica" / "three-steps" / f"body.{ending}"
    words = " ".join(steps.read_text().split())
    assert "You return to" not in words
    assert "Nobody can promise a result." in words


def test_no_mail_says_that_its_link_confirms():
    """It opens a page, since scanners open every link; the button there confirms."""
    bodies = (ROOT / "templates" / "emails" / "discovery-visit").glob("*/body.*")
    assert [body for body in bodies if "One press" in body.read_text()] == []


@pytest.mark.parametrize("state", ["booked", "confirmed and moved"])
def test_subjects_about_one_visit_differ_and_begin_with_its_day_and_hour(installation, state):
    clinic = installation.runtime.settings.clinic.zone
    starts_at = datetime(2026, 9, 30, 12, 30, tzinfo=clinic)
    subjects = []
    for campaign in ("discovery-visit", "visit-cancelled"):
        for step in installation.runtime.catalogue.campaigns[campaign].steps:
            request = variants(sample_request(installation.runtime.catalogue.campaigns[campaign], step, "Ann", MONDAY))[
                state
            ]
            visit = replace(request.enrolment.visit, starts_at=starts_at)
            request = replace(request, enrolment=replace(request.enrolment, visit=visit))
            subjects.append(render(installation.runtime.mail_kit, request).subject)
    dated = [subject for subject in subjects if "Wed, Sep 30, 12:30 PM" in subject[:30]]
    # Those that come after the hour has passed name neither.
    assert [each for each in subjects if each not in dated] == [
        "Thank you for coming",
        "Sorry we missed you",
        "Whenever it suits you",
    ]
    assert len(set(dated)) == len(dated) == 5


@pytest.mark.parametrize("ending", ["html", "txt"])
def test_a_mail_that_asks_for_nothing_has_no_button_that_does(ending):
    for body in (ROOT / "templates" / "emails").glob(f"*/*/body.{ending}"):
        text = " ".join(body.read_text().split())
        assert "nothing you need to do" not in text or not re.search(r"Confirm (your visit|or cancel)", text), body


def test_an_article_on_the_public_web_stands_alone():
    elsewhere = r"(later|next|earlier|previous|another|last) (article|mail)|this series|last week we"
    assert [
        file.name for file in (ROOT / "templates" / "articles").glob("*.md") if re.search(elsewhere, file.read_text())
    ] == []


#: What no identifier of ours is called any more, and the word that took its place.
RETIRED = {
    "Actor": "Persona",
    "ACTORS": "DEMO_LEADS",
    "advance_or_pause": "advance_or_retry_later",
    "any_house": "any_installation",
    "check_up": "check_installation",
    "checkup": "check",
    "_Cut": "CompiledSkeleton",
    "Doubt": "InDoubt",
    "doubtful": "in_doubt",
    "doubts": "in_doubt",
    "Footing": "Compliance",
    "footing": "compliance",
    "FreshHouse": "ReloadingRuntime",
    "Ground": "LintContext",
    "hints": "outbox",
    "House": "Installation",
    "house": "installation",
    "is_unseen": "is_invisible",
    "Kind": "MailKind",
    "last_seen": "load",
    "Letter": "MailRequest",
    "letter_of": "mail_request",
    "lock_standing": "lock_system_state",
    "Look": "ComputedStyle",
    "look_at": "check_campaign",
    "look_of": "computed_style",
    "looks_at_its_output": "inspects_own_output",
    "mark_published": "mark_dispatched",
    "mark_unpublished": "mark_undispatched",
    "message_digest": "keyed_digest",
    "Moment": "TimelineEntry",
    "MOST_SHAPES": "MOST_SKELETONS",
    "Objection": "Violation",
    "open_house": "open_runtime",
    "out_of_place": "misplaced",
    "owed": "missing",
    "passage": "enrolment_snapshot",
    "Passage": "EnrolmentRow",
    "passage_id": "enrolment_public_id",
    "passages_of_lead": "enrolments_of_lead",
    "PAUSE": "RETRY_LATER",
    "publish_queued": "dispatch_queued",
    "publish_ready": "dispatch_ready",
    "publishing": "dispatch",
    "read_standing": "read_system_state",
    "_relive": "replay_gap",
    "REPUBLISH_AFTER": "DISPATCH_AGAIN_AFTER",
    "sample_letter": "sample_request",
    "Scene": "ScriptedEvent",
    "Seen": "Visibility",
    "Shapes": "Skeletons",
    "some_mark_decides": "some_placeholder_decides",
    "Specimen": "RenderedMail",
    "specimen_of": "rendered_mail_of",
    "Stage": "Driver",
    "standing": "system_state",
    "Standing": "SystemState",
    "Story": "Scenario",
    "Tables": "TomlTable",
    "unpublished": "undispatched",
    "witness": "high_water_mark",
}


def test_no_retired_word_is_an_identifier():
    words = re.compile(rf"\b({'|'.join(RETIRED)})\b")
    found = set()
    for path in [*(ROOT / "nurture").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]:
        text = path.read_text()
        if "/migrations/" not in str(path) and words.search(text):
            names = {each.string for each in generate_tokens(StringIO(text).readline) if each.type == NAME}
            found |= {f"{path.relative_to(ROOT)}: {name} is {RETIRED[name]}" for name in names & RETIRED.keys()}
    assert sorted(found) == []
