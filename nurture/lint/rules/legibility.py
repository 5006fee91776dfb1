"""Whether every word can be read: by day, by night and on a phone, its contrast and its size. Judges no word."""

import re
from collections.abc import Iterator

from nurture.lint.computed_style import ComputedStyle
from nurture.lint.finding import Level
from nurture.lint.rendered_mail import HTML, LintContext, RenderedMail, Violation
from nurture.lint.visibility import Text
from nurture.render.contrast import LEAST

# WCAG 2.2, 1.4.3: letters of 18 points, or of 14 in bold, may be fainter.
LEAST_LARGE, LARGE, LARGE_BOLD = 3.0, 24, 18.66
SMALLEST = 12


def legibility(mail: RenderedMail) -> Iterator[Violation]:
    """Letters that are too close in color to their background, or too small; in the dark it is advice."""
    for text in mail.page.texts:
        style, ratio, least = text.style, text.style.contrast, _least(text.style)
        if ratio is not None and ratio < least:
            detail = f"{style.blended_color} on {style.background} has a contrast of {ratio:.1f}, less than {least}"
            yield _found("faint", text, detail, _tone(*style.contrast_source, mail.context))
        if style.size < SMALLEST:
            detail = f"letters of {style.size:.3g} pixels, less than {SMALLEST}"
            written = re.escape(style.size_source)
            yield _found("small", text, detail, rf"font(?:-size)?\s*:\s*{written}" if written else "")


def _least(style: ComputedStyle) -> float:
    is_large = style.size >= (LARGE_BOLD if style.is_bold else LARGE)
    return LEAST_LARGE if is_large else LEAST


def _tone(name: str, written: str, context: LintContext) -> str:
    """A pattern of the style as a template says it; nothing when none does."""
    brand = [rf"\{{\{{\s*brand\.{name}\s*\}}\}}" for name, value in context.colors.items() if value.lower() == written]
    spaced = re.escape(written).replace(r",\ ", r",\s*").replace(r"0\.", r"0?\.")
    named = {"background-color": "(?:background(?:-color)?|bgcolor)"}.get(name, name)
    return rf"{named}\s*[:=]\s*[\"']?(?:{'|'.join([spaced, *brand])})" if written else ""


def _found(rule: str, text: Text, detail: str, style: str) -> Violation:
    """The violation, at the style of the nearest class that says so, or wherever something says so."""
    said = rf"(?<![\w-])({style})" if style else re.escape(text.tag)
    within = r"\b[^{}]*\{(?:[^{}]|\{\{[^{}]*\}\})*?"
    classes = [rf"\.{re.escape(each)}{within}{said}" for each in text.classes] if style else []
    inline = rf"style\s*=\s*(?:\"[^\"]*?|'[^']*?){said}"
    where = f" where {text.query}" if text.query else ""
    # What a reader prefers, such as the dark, is not how most see the mail.
    level = Level.ADVICE if "prefers-" in text.query else Level.FAULT
    return Violation(rule, f"{text.tag}: {detail}{where}", HTML, "|".join([inline, *classes]), level, said)
