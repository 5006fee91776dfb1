"""Two lead magnets in one installation: each keeps its own words, pages, articles and mails, whichever sorts first."""

import re
import shutil
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import lxml.html
import pytest

from nurture.config.catalogue import load_catalogue
from nurture.domain.consent import Consent
from nurture.domain.errors import ConfigError
from nurture.mail.compose import render
from nurture.mail.personas import sample_request
from nurture.runtime import build_runtime
from nurture.store.consents import consents_of_lead
from nurture.store.leads import lead_by_email
from nurture.web.app import create_web
from tests.conftest import MONDAY, Installation
from tests.neck import ARTICLES, TITLE, add_neck

LUMBAR = "Top 10 Burning Questions for Lumbar Pain and Sciatica"


@pytest.fixture
def place(home, tmp_path):
    shutil.copytree(home, tmp_path / "home")
    add_neck(tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def both(installation: Installation, place):
    """The installation once it offers both reports."""
    runtime = build_runtime(replace(installation.runtime.settings, home=place))
    installation.runtime = replace(
        installation.runtime, **{name: getattr(runtime, name) for name in ("settings", "catalogue", "renderer")}
    )
    return installation


@pytest.fixture
def web_of_both(both):
    return create_web(both.runtime).test_client()


def consents(installation, email):
    """What is on record of that lead, oldest first."""
    with installation.runtime.database.read() as connection:
        kept = consents_of_lead(connection, lead_by_email(connection, email).id)
    found = [Consent(each.wording, each.page) for each in kept]
    assert [each.version for each in kept] == [each.version for each in found]
    return found


def page_title(answer):
    assert answer.status_code == 200
    return lxml.html.fromstring(answer.text).findtext(".//h1")


def ask(web, page, email):
    form = dict(lxml.html.fromstring(web.get(page).text).forms[0].form_values()) | {"email": email}
    return web.post("/signup", data=form, follow_redirects=True)


def test_two_reports_on_one_page_are_refused_by_file_and_key(place, settings):
    file = place / "templates" / "reports" / "a-neck.md"
    file.write_text(file.read_text().replace("seven-questions", "ten-questions"))
    with pytest.raises(ConfigError, match=r"lumbar-sciatica.md: page 'ten-questions' is that of a-neck"):
        build_runtime(replace(settings, home=place))


def test_each_report_has_its_page_and_the_front_page_is_the_one_that_is_named(web_of_both):
    titles = {
        path: page_title(web_of_both.get(path))
        for path in (
            "/",
            "/?report=lumbar-sciatica",
            "/?report=a-neck",
            "/?report=gone",
            "/reports/ten-questions",
            "/reports/lumbar-sciatica",
            "/reports/seven-questions",
        )
    }
    assert titles == {
        "/": LUMBAR,
        "/?report=lumbar-sciatica": LUMBAR,
        "/?report=a-neck": TITLE,
        "/?report=gone": LUMBAR,
        "/reports/ten-questions": LUMBAR,
        "/reports/lumbar-sciatica": LUMBAR,
        "/reports/seven-questions": TITLE,
    }
    assert web_of_both.get("/reports/gone").status_code == 404


def test_the_pages_of_the_first_report_are_to_the_letter_what_they_were(web, web_of_both):
    for path in ("/", "/reports/ten-questions", "/articles/sleep", "/articles/dry-needling"):
        assert web_of_both.get(path).text == web.get(path).text, path


def test_a_page_shows_the_articles_of_its_report_and_an_article_offers_the_report_of_its_topic(web_of_both):
    shown = set(re.findall(r"/articles/([\w-]+)", web_of_both.get("/reports/seven-questions").text))
    assert shown == set(ARTICLES)
    for article, page in (("a-turn", "seven-questions"), ("sleep", "ten-questions")):
        assert set(re.findall(r"/reports/([\w-]+)", web_of_both.get(f"/articles/{article}").text)) == {page}


def test_no_page_about_one_report_leads_to_another(web_of_both):
    thanks = ask(web_of_both, "/reports/seven-questions", "ann@example.com").text
    link = re.search(r'href="[^"]+(/report/[\w.-]+)"', thanks)[1]
    pages = [web_of_both.get(page).text for page in ("/reports/seven-questions", "/articles/a-turn", link)]
    for page in [thanks, *pages]:
        [free] = [each for each in lxml.html.fromstring(page).xpath("//footer//a") if each.text == "The free report"]
        assert free.get("href").endswith("/reports/seven-questions")


def test_the_report_that_is_asked_for_is_the_one_that_comes(web_of_both, both):
    for page, email, title in (
        ("/reports/seven-questions", "ann@example.com", TITLE),
        ("/", "ben@example.com", LUMBAR),
    ):
        thanks = ask(web_of_both, page, email).text
        link = re.search(r'href="[^"]+(/report/[\w.-]+)"', thanks)[1]
        assert page_title(web_of_both.get(link)) == title
    assert web_of_both.post("/signup", json={"email": "cy@example.com"}).status_code == 200
    both.work()
    assert both.sent() == ["a-neck/report", "lumbar-sciatica/report", "lumbar-sciatica/report"]


def test_a_trapped_program_finds_the_report_it_asked_for(web_of_both):
    for report, title in (("a-neck", TITLE), ("lumbar-sciatica", LUMBAR)):
        asked = {"email": "bot@example.com", "website": "x", "report": report}
        link = web_of_both.post("/signup", json=asked).json["report_url"]
        assert page_title(web_of_both.get("/" + link.split("/", 3)[3])) == title


def test_each_page_asks_for_consent_to_what_its_campaign_sends_and_that_is_what_is_kept(web_of_both, both):
    for page, email in (("/reports/seven-questions", "ann@example.com"), ("/", "ben@example.com")):
        ask(web_of_both, page, email)
    neck = Consent("Send me the report on necks, and 3 articles over 3 days.", "/reports/seven-questions")
    assert consents(both, "ann@example.com") == [neck]
    [lumbar] = consents(both, "ben@example.com")
    assert "14 articles and invitations over 11 weeks" in lumbar.wording
    assert lumbar.page == "/"
    assert lumbar.wording in web_of_both.get("/").text
    both.live_until(MONDAY + timedelta(days=100))
    assert Counter(mail.recipient for mail in both.transport.mails) == {
        "ann@example.com": 1 + 3,
        "ben@example.com": 1 + 14,
    }


def test_mail_and_thanks_say_what_follows_of_their_own_campaign(web_of_both, both):
    thanks = {
        page: ask(web_of_both, page, email).text
        for page, email in (("/reports/seven-questions", "ann@example.com"), ("/", "ben@example.com"))
    }
    both.work()
    bodies = [
        message_from_bytes(mail.data, policy=default).get_body(("plain",)).get_content()
        for mail in both.transport.mails
    ]
    said = [" ".join(each.split()) for each in (*thanks.values(), *bodies)]
    assert ["3 days, 3 articles on necks" in each for each in said] == [True, False, True, False]
    assert ["11 weeks, 14 short articles" in each for each in said] == [False, True, False, True]


def test_a_form_that_was_open_for_long_brings_back_the_words_that_it_showed(web_of_both, both, place):
    form = dict(lxml.html.fromstring(web_of_both.get("/reports/seven-questions").text).forms[0].form_values())
    file = place / "config" / "campaigns" / "a-neck.toml"
    file.write_text(file.read_text().replace("Send me the report on necks", "Yes, please"))
    both.runtime = replace(both.runtime, catalogue=load_catalogue(both.runtime.settings))
    later = create_web(both.runtime).test_client()
    later.post("/signup", data=form | {"email": "ann@example.com"})
    assert [each.wording for each in consents(both, "ann@example.com")] == [
        "Send me the report on necks, and 3 articles over 3 days."
    ]
    changes = ({"consent": "I agree to nothing."}, {"page": "/elsewhere"}, {"seal": "x"}, {"report": "lumbar-sciatica"})
    for n, change in enumerate(changes):
        later.post("/signup", data=form | {"email": f"eve{n}@example.com"} | change)
        [kept] = consents(both, f"eve{n}@example.com")
        assert kept.wording.startswith("Send me the report by email" if "report" in change else "Yes, please")
        assert kept.page == "/signup"


def test_a_program_that_shows_no_page_is_kept_with_the_words_of_the_campaign(web_of_both, both):
    web_of_both.post("/signup", json={"email": "ann@example.com", "report": "a-neck"})
    [kept] = consents(both, "ann@example.com")
    assert kept == Consent("Send me the report on necks, and 3 articles over 3 days.", "/signup (JSON)")


@pytest.mark.parametrize(
    ("key", "words", "kept"),
    [
        ("k", "Yes, I do.", Consent("Yes, I do.", "https://clinic.example/neck")),
        ("k", "", None),
        ("k", "Yes\0", None),
        ("", "Yes, I do.", None),
    ],
)
def test_the_clinics_own_server_says_what_its_page_showed_and_nobody_else_does(both, key, words, kept):
    both.runtime = replace(both.runtime, settings=replace(both.runtime.settings, signup_key="k"))
    asked = {"email": "ann@example.com", "report": "a-neck", "consent": words, "page": "https://clinic.example/neck"}
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    assert create_web(both.runtime).test_client().post("/signup", json=asked, headers=headers).status_code == 200
    ours = Consent("Send me the report on necks, and 3 articles over 3 days.", "/signup (JSON)")
    assert consents(both, "ann@example.com") == [kept or ours]


def test_the_same_words_have_the_same_version_and_others_have_another():
    assert Consent("Yes.", "/").version == Consent("Yes.", "/reports/x").version != Consent("Yes!", "/").version


def test_each_place_names_the_signs_of_its_own_report(web_of_both, both):
    pages = ["/reports/seven-questions", "/articles/a-turn"]
    thanks = ask(web_of_both, "/reports/seven-questions", "ann@example.com")
    link = re.search(r'href="[^"]+(/report/[\w.-]+)"', thanks.text)[1]
    both.live_until(MONDAY + timedelta(days=5))
    mails = [message_from_bytes(mail.data, policy=default) for mail in both.transport.mails]
    bodies = [mail.get_body((kind,)).get_content() for mail in mails for kind in ("plain", "html")]
    for text in [thanks.text, *bodies, *(web_of_both.get(page).text for page in (*pages, link))]:
        assert "Call 911 about your neck" in text
        assert "an arm that grows weak" in text
        assert "cannot pass urine" not in text


def test_an_article_that_shows_red_flags_is_on_a_topic_that_a_report_is_on(place, settings):
    file = place / "templates" / "articles" / "a-turn.md"
    file.write_text(file.read_text().replace('["neck"]', '["elbow"]'))
    with pytest.raises(ConfigError, match=r"a-turn.md: it shows red flags, but topics"):
        build_runtime(replace(settings, home=place))


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("[[red_flags]]", "[[red_flgs]]", "red_flags"),
        ('do = "Call', 'then = "Call', "do"),
        ("signs = [", "signs = []\nx = [", "signs"),
    ],
)
def test_a_report_without_red_flags_is_refused_by_file_and_key(place, settings, old, new, key):
    file = place / "templates" / "reports" / "a-neck.md"
    file.write_text(file.read_text().replace(old, new, 1))
    with pytest.raises(ConfigError, match=rf"a-neck.md: \S*{key} "):
        build_runtime(replace(settings, home=place))


def test_no_mail_of_the_first_report_becomes_another(installation, both, place, settings):
    alone, runtime = build_runtime(settings), both.runtime
    for step in alone.catalogue.campaigns["lumbar-sciatica"].steps:
        requests = [
            sample_request(each.catalogue.campaigns["lumbar-sciatica"], step, "Ann", MONDAY)
            for each in (alone, runtime)
        ]
        before, after = (
            render(replace(each, signing=alone.signing, links=alone.links).mail_kit, request)
            for each, request in zip((alone, runtime), requests, strict=True)
        )
        assert before == after, step.name
