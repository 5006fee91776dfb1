"""Everything that can be read, can be read: WCAG AA for every word of every mail and for the pages, light and dark."""

import re
from dataclasses import asdict, replace
from itertools import product

import lxml.html
import pytest

from nurture.check import check_installation
from nurture.render.contrast import LEAST, contrast, too_faint

HEX = r"#[0-9a-fA-F]{3,6}"


def test_the_ratio_is_the_one_of_the_standard():
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#fff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#123456", "#123456") == 1


def test_the_shipped_colors_read_well(settings):
    assert too_faint(asdict(settings.brand)) == []


def test_a_faint_brand_is_named_by_the_check(installation):
    brand = replace(installation.runtime.settings.brand, accent="#ee8866")
    runtime = replace(installation.runtime, settings=replace(installation.runtime.settings, brand=brand))
    answer = next(each for each in check_installation(runtime, "redis://127.0.0.1:1/0") if each.subject == "colors")
    assert not answer.is_good
    assert answer.words.startswith("white on accent has a contrast of 2.5")


def declared(style, name):
    """The color that a style attribute or the body of a rule gives; the last one wins, as in CSS."""
    found = re.findall(rf"(?:^|;)\s*{name}:\s*({HEX})", style)
    return found[-1] if found else None


def dark_rules(document):
    """(element, declarations) in the order in which a mail program in the dark applies them."""
    sheets = [style.text for style in document.iter("style") if "prefers-color-scheme: dark" in style.text]
    rules = [rule for sheet in sheets for rule in re.findall(r"^  ([^{}@]+)\{([^}]+)\}", sheet, re.MULTILINE)]
    assert rules
    for selectors, body in sorted(rules, key=lambda rule: max(map(weight, rule[0].split(",")))):
        for selector in selectors.split(","):
            for element in document.cssselect(selector.strip()):
                yield element, body.replace(" !important", "").strip()


def weight(selector):
    classes = selector.count(".")
    return classes, len(re.findall(r"(?:^|\s)[a-z]", selector))


def words_of(document):
    for element in document.body.iter():
        own = [element.text, *(child.tail for child in element)] if isinstance(element.tag, str) else []
        if any(text and text.strip("\u034f\u2007 \n") for text in own) and not element.xpath(
            "ancestor-or-self::*[@class='preheader']"
        ):
            yield element, " ".join("".join(filter(None, own)).split())


def nearest(element, name, dark):
    for each in (element, *element.iterancestors()):
        color = declared(dark.get(each, ""), name) or declared(each.get("style", ""), name)
        if color:
            return color
    raise AssertionError(f"no {name} for {element.text}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_of_every_mail_stands_out(every_mail, scheme):
    for name, message in every_mail:
        document, dark = lxml.html.fromstring(message.content.html), {}
        if scheme == "dark":
            for element, body in dark_rules(document):
                dark[element] = f"{dark.get(element, '')};{body}"
        for element, words in words_of(document):
            letters, background = (nearest(element, each, dark) for each in ("color", "background-color"))
            assert contrast(letters, background) >= LEAST, f"{name} in the {scheme}: {letters} on {background}: {words}"


def test_a_word_lost_in_the_dark_would_be_found(every_mail):
    html = next(message.content.html for name, message in every_mail if "three-ds" in name)
    document = lxml.html.fromstring(html.replace(".step-body, .answer-cell, .quote-cell, .safety-cell", ".nobody"))
    dark = {}
    for element, body in dark_rules(document):
        dark[element] = f"{dark.get(element, '')};{body}"
    [answer, *_] = [element for element, words in words_of(document) if words.startswith("A small signal")]
    assert contrast(nearest(answer, "color", dark), nearest(answer, "background-color", dark)) < 2


PAGE_PAIRS = [
    *product(("ink", "quiet", "link", "head"), ("paper", "card", "soft")),
    *(
        ("ink", "flag"),
        ("head", "flag"),
        ("mark", "flag"),
        ("mark", "card"),
        ("button-ink", "button"),
        ("white", "band"),
    ),
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_colors_of_the_pages_stand_out(settings, scheme):
    sheet = (settings.templates / "pages" / "site.css").read_text()
    light, dark = re.findall(r":root \{([^}]+)\}", sheet)
    colors = {name: getattr(settings.brand, name) for name in ("primary", "accent", "paper", "ink")}
    colors["white"] = "#ffffff"
    for rules in (light, dark) if scheme == "dark" else (light,):
        for name, value in re.findall(rf"--([\w-]+): ({HEX}|var\(--\w+\))", rules):
            colors[name] = colors[value[6:-1]] if value.startswith("var") else value
    for letters, background in PAGE_PAIRS:
        ratio = contrast(colors[letters], colors[background])
        assert ratio >= LEAST, f"{letters} on {background} in the {scheme}: {ratio:.2f}"
