"""HTML and CSS that Gmail, Outlook or Apple Mail do not show, by the data in data/. Judges no words."""

import re
from collections.abc import Iterator

from nurture.lint.data import table
from nurture.lint.rendered_mail import RenderedMail, Violation

_FUNCTION = re.compile(r"([a-z-]+)\(")
_UNIT = re.compile(r"(?<![\w#])-?[\d.]+([a-z]+)\b")
_FEATURE = re.compile(r"\(\s*([a-z-]+)")


def support(mail: RenderedMail) -> Iterator[Violation]:
    """Every feature that one of these programs ignores and that is not known to do no harm there."""
    page = mail.page
    for name, value in sorted(page.styles):
        yield from _judged("property", name, rf"(?<![\w-]){re.escape(name)}\s*:")
        pair = rf"(?<![\w-]){re.escape(name)}\s*:\s*{re.escape(value)}"
        yield from _judged("value", f"{name}:{value}", pair)
        for function in _FUNCTION.findall(value):
            yield from _judged("function", function, rf"{re.escape(function)}\(")
        for unit in _UNIT.findall(value):
            yield from _judged("unit", unit, rf"\d{unit}\b")
    for name, rest in sorted(page.at_rules):
        yield from _judged("at-rule", name, f"@{name}")
        for feature in _FEATURE.findall(rest):
            yield from _judged("at-rule", f"{name} {feature}", rf"@{name}[^{{]*\(\s*{feature}")
    for element in sorted(page.elements):
        yield from _judged("element", element, rf"<{element}\b")
    for attribute in sorted(page.attributes):
        yield from _judged("attribute", attribute, rf"\s{re.escape(attribute)}\b")


def _judged(kind: str, name: str, needle: str) -> Iterator[Violation]:
    programs = unsupported().get(kind, {}).get(name)
    if programs and name not in progressive().get(kind, {}):
        yield Violation("support", f"{_WORDS[kind].format(name)} is ignored by {programs}", needle=needle)


_WORDS = {
    "property": "the CSS property {}",
    "value": "the CSS {}",
    "function": "the CSS function {}()",
    "unit": "the CSS unit {}",
    "at-rule": "the CSS rule @{}",
    "element": "the element <{}>",
    "attribute": "the attribute {}",
}


def unsupported() -> dict[str, dict[str, str]]:
    """By kind and name: the mail programs that ignore it."""
    return table("caniemail")


def progressive() -> dict[str, dict[str, str]]:
    """By kind and name: why a reader whose program ignores it misses nothing."""
    return table("progressive")
