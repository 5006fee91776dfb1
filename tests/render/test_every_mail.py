"""What every mail has in common, whatever program shows it: read from the finished HTML."""

import re
from dataclasses import replace
from itertools import pairwise

import lxml.html
import pytest

from nurture.mail.compose import render
from nurture.mail.personas import find_mail, sample_request
from tests.conftest import MONDAY

LEAST_TOUCH = 44
# Links that stand by themselves are as tall as a finger; links inside a sentence are as tall as the line (WCAG 2.5.8).
STANDING = ("button-link", "pill", "tap", "foot-link", "letterhead-link")


@pytest.fixture
def documents(every_mail):
    return [(name, message.content.html, lxml.html.fromstring(message.content.html)) for name, message in every_mail]


def styles(element):
    return dict(re.findall(r"([\w-]+):\s*([^;]+)", element.get("style", "")))


def test_the_document_says_what_it_is(documents):
    for name, html, document in documents:
        assert html.startswith("<!DOCTYPE html>"), name
        assert document.get("lang") == "en-US"
        metas = {meta.get("name"): meta.get("content") for meta in document.iter("meta")}
        assert metas["color-scheme"] == metas["supported-color-schemes"] == "light dark"
        assert metas["viewport"].startswith("width=device-width")
        assert document.findtext(".//title")
        assert len(html.encode()) < 102_000 / 2, name


def test_headings_go_down_one_step_at_a_time(documents):
    for name, _, document in documents:
        levels = [int(element.tag[1]) for element in document.iter("h1", "h2", "h3", "h4", "h5", "h6")]
        assert levels[0] == 1, name
        assert levels.count(1) == 1
        assert all(after - before <= 1 for before, after in pairwise(levels)), name


def test_tables_are_layout_and_pictures_have_words(documents):
    for name, html, document in documents:
        assert all(table.get("role") == "presentation" for table in document.iter("table")), name
        assert len(re.findall(r"<table(?! role=\"presentation\")", html)) == 0
        assert all(image.get("alt") for image in document.iter("img"))


def test_outlook_gets_a_width_room_and_padded_buttons(documents):
    for name, html, document in documents:
        ghost = re.search(r'<!--\[if mso\]><table role="presentation" width="600"', html)
        assert ghost
        assert html.count("<!--[if mso]>") == html.count("<![endif]-->"), name
        for cell in document.cssselect(".button-cell"):
            assert cell.get("bgcolor")
            assert "mso-padding-alt:15px 30px" in cell.get("style").replace(": ", ":")


def test_outlook_gets_room_around_every_block(documents):
    """It ignores the margins of tables, and merges tables that touch: a paragraph of its own keeps each apart."""
    blocks = ("panel", "cover", "quote", "step", "answer", "safety", "sign", "visit", "button")
    for name, html, _ in documents:
        for block in re.finditer(rf'<table role="presentation" class="({"|".join(blocks)})"', html):
            assert html[: block.start()].rstrip().endswith("</p><![endif]-->"), f"{name}: {block[1]}"


def test_what_is_meant_for_outlook_in_the_dark_reaches_nobody_else(documents):
    for name, _, document in documents:
        [sheet] = [each.text for each in document.iter("style") if "data-ogs" in each.text]
        selectors = [each for rule in re.findall(r"([^{}]+)\{", sheet) for each in rule.split(",")]
        assert len(selectors) > 40
        assert [each for each in selectors if not each.strip().startswith("[data-ogs")] == [], name


def test_the_preheader_stands_alone_in_the_inbox(documents):
    for name, _, document in documents:
        [preheader] = document.cssselect(".preheader")
        assert document.body[0] is preheader
        words = preheader.text_content()
        shown = words.strip("\u034f\u2007 \n")
        assert 10 < len(shown) < 100, name
        # An inbox shows about a hundred characters more than a short preheader: they must be blank.
        assert len(words) - len(shown) > 100
        assert {"display", "mso-hide"} <= set(styles(preheader))


def test_a_finger_finds_every_link_that_stands_by_itself(documents):
    for name, _, document in documents:
        links = [link for each in STANDING for link in document.cssselect(f"a.{each}")]
        assert len(links) >= 3, name
        for link in links:
            style = styles(link)
            padding, height = (int(re.match(r"\d+", style[each])[0]) for each in ("padding", "line-height"))
            assert style["display"] == "inline-block"
            assert 2 * padding + height >= LEAST_TOUCH - 2 * ("border" in style), f"{name}: {link.get('class')}"


def test_words_below_a_button_never_hide_in_a_picture(documents):
    """With no brand pictures set, a mail holds none, and nothing is fetched from anywhere when it is opened."""
    for _, html, document in documents:
        assert not list(document.iter("img", "link", "script", "iframe"))
        assert "url(" not in html


def test_a_logo_and_a_portrait_stand_in_their_slots(installation):
    brand = replace(
        installation.runtime.settings.brand, logo="https://x.example/l.png", photo="https://x.example/p.jpg"
    )
    runtime = replace(installation.runtime, settings=replace(installation.runtime.settings, brand=brand))
    request = sample_request(*find_mail(runtime.catalogue, "lumbar-sciatica/report"), "Ann", MONDAY)
    images = {
        image.get("src"): image for image in lxml.html.fromstring(render(runtime.mail_kit, request).html).iter("img")
    }
    assert images[brand.logo].get("alt") == "MOSS Rehabilitation Center"
    assert images[brand.photo].get("alt") == "Dr. Robert Moss"
