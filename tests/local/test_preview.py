"""The page on which a mail is looked at while it is written."""

import os
import re
import shutil
from dataclasses import replace

import lxml.html
import pytest

from nurture.local.preview.preview_app import create_preview, in_scheme
from nurture.runtime import build_runtime

MAIL = "/?mail=discovery-visit/confirmation"
FRAME = "/frame/discovery-visit/confirmation"
BODY = "templates/emails/discovery-visit/confirmation/body.html"


@pytest.fixture
def place(home, tmp_path):
    shutil.copytree(home, tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def browser(place, settings):
    runtime = build_runtime(replace(settings, home=place))
    yield create_preview(runtime).test_client()
    runtime.database.close()


def change(file, old, new):
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    # Two changes within the file system's grain of time are told apart all the same.
    later = file.stat().st_mtime_ns + 1_000_000_000
    os.utime(file, ns=(later, later))


def test_the_page_opens_with_the_first_mail_and_offers_all(browser):
    page = browser.get("/", follow_redirects=True).text
    links = lxml.html.fromstring(page).xpath("//nav[@class='mails']//a")
    assert len(links) == 26
    assert [link.text for link in links if link.get("aria-current")] == ["news"]


def test_a_mail_is_shown_in_every_way_and_for_every_reader(browser):
    page = lxml.html.fromstring(browser.get(f"{MAIL}&persona=markup").text)
    assert [each.text for each in page.xpath("//section/h2")] == ["Phone", "Desktop", "Dark", "Text", "Source"]
    assert [each.get("sandbox") for each in page.xpath("//iframe")] == [
        "allow-popups allow-popups-to-escape-sandbox"
    ] * 3
    assert page.xpath("//nav[@aria-label='Reader']/a[@aria-current]")[0].text == "markup"
    text, source = (each.text for each in page.xpath("//pre"))
    assert "Hello <b," in text
    assert source.startswith("<!DOCTYPE html>")
    assert "Hello &lt;b," in source


def test_a_visit_can_be_looked_at_in_its_states(browser):
    assert "This replaces your earlier time" in browser.get(f"{FRAME}?state=confirmed+and+moved").text
    assert "This replaces your earlier time" not in browser.get(FRAME).text


def test_nothing_runs_in_a_mail_and_nothing_is_fetched(browser):
    policy = browser.get(FRAME).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script" not in policy
    answer = browser.get(MAIL)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    sources = lxml.html.fromstring(answer.text).xpath("//script/@src | //link/@href | //iframe/@src")
    assert all(re.match("/(preview|frame)", each) for each in sources)
    for asset in ("/preview.css", "/preview.js"):
        with browser.get(asset) as served:
            assert served.status_code == 200


def test_a_page_elsewhere_cannot_reach_it_by_another_name(browser):
    assert browser.get(MAIL, headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize("path", ["/?mail=none/none", "/?mail=", "/frame/none/none", "/preview.py"])
def test_what_is_not_there_is_not_found(browser, path):
    assert browser.get(path).status_code == 404


def test_light_and_dark_do_not_depend_on_this_machine(browser):
    dark, light = (browser.get(f"{FRAME}?look={look}").text for look in ("dark", "phone"))
    assert "@media (min-width: 0px)" in dark
    assert "@media (max-width: 0px)" in light
    for shown, scheme in ((dark, "dark"), (light, "light")):
        assert "prefers-color-scheme" not in shown
        assert f'<meta name="color-scheme" content="{scheme}">' in shown
        assert f"color-scheme: {scheme};" in shown
    assert in_scheme("a { color: red }", "dark") == "a { color: red }"


def test_a_change_shows_and_moves_the_stamp(browser, place):
    before = browser.get("/stamp").text
    change(place / BODY, "Your visit is booked", "Your visit stands")
    assert "Your visit stands" in browser.get(FRAME).text
    assert browser.get("/stamp").text != before
    change(place / "config" / "nurture.toml", "817-220-6677", "817-555-0100")
    assert "817-555-0100" in browser.get(FRAME).text


def test_a_template_that_cannot_be_rendered_is_a_sentence_with_file_and_line(browser, place):
    change(place / BODY, "{% call visit_card", "{{ visit.shoe_size }}{% call visit_card")
    answer = browser.get(MAIL)
    [sentence] = lxml.html.fromstring(answer.text).xpath("//p[@role='alert']")
    assert sentence.text.startswith(f"{BODY} line 12: ")
    assert "<iframe" not in answer.text
    frame = browser.get(FRAME)
    assert (frame.status_code, frame.mimetype) == (500, "text/plain")


def test_an_installation_that_cannot_be_read_is_a_sentence_and_heals(browser, place):
    file = place / "config" / "campaigns" / "lumbar-sciatica.toml"
    change(file, 'after_last = "2d"', 'after_last = "soon"')
    assert "lumbar-sciatica.toml" in lxml.html.fromstring(browser.get(MAIL).text).xpath("//p[@role='alert']")[0].text
    change(file, 'after_last = "soon"', 'after_last = "2d"')
    assert "alert" not in browser.get(MAIL).text


def test_findings_stand_above_the_mail(browser, place):
    change(place / BODY, "<p>Thank you", '<p><a href="#">x</a> Thank you')
    change(place / BODY, "{% block heading %}", '{% block heading %}<a href="{{ links.site }}">Click here</a>')
    page = lxml.html.fromstring(browser.get(MAIL).text)
    [fault] = page.xpath("//ul[@class='findings fault']/li")
    [advice] = page.xpath("//ul[@class='findings advice']/li")
    assert fault.text_content().startswith(f"{BODY}:10 link:")
    assert "click-here:" in advice.text_content()
