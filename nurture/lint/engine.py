"""All rules for a rendered mail, in the order in which violations are read. Adds no rule of its own."""

import re
from collections.abc import Iterator
from itertools import chain

from nurture.lint.finding import Finding
from nurture.lint.rendered_mail import RenderedMail, Violation
from nurture.lint.rules.addresses import links, pictures
from nurture.lint.rules.consistency import consistency
from nurture.lint.rules.content import content
from nurture.lint.rules.legibility import legibility
from nurture.lint.rules.manners import manners
from nurture.lint.rules.markup import markup
from nurture.lint.rules.obligations import essentials
from nurture.lint.rules.parity import parity
from nurture.lint.rules.phones import phones
from nurture.lint.rules.privacy import privacy
from nurture.lint.rules.promises import promises
from nurture.lint.rules.support import support

_RULES = (
    *(essentials, content, privacy, promises, parity, consistency, phones),
    *(markup, legibility, links, pictures, support, manners),
)
# What a fault brings with it is not said beside it: one fault is one finding.
_FOLLOWS = {
    "consistency": {"block", "empty"},
    "doctype": {"block"},
    "empty": {"block"},
    "heading": {"block"},
    "preheader": {"block"},
    "text": {"block", "empty", "tag"},
}
# One line is one fault, however many readers, elements and views of the mail it is wrong for.
_ONE_A_LINE = {"consistency", "faint", "renders", "size", "small", "subject"}
# And these say how much is wrong, which differs with the length of a name.
_MEASURED = {"long-line", "text"}


def violations(mail: RenderedMail) -> Iterator[Violation]:
    """Everything that any rule says against the mail."""
    return chain.from_iterable(rule(mail) for rule in _RULES)


def causes(findings: list[Finding]) -> list[Finding]:
    """The findings about one mail, without those that follow from another or say for other readers what one said."""
    rules = {each.rule for each in findings}
    first: dict[tuple[str, int, str, str], Finding] = {}
    for each in findings:
        if rules.isdisjoint(_FOLLOWS.get(each.rule, ())):
            first.setdefault((each.file, each.line, each.rule, _what(each)), each)
    return list(first.values())


def _what(finding: Finding) -> str:
    """What tells the finding from others of its rule at its line."""
    if finding.rule in _ONE_A_LINE:
        return ""
    return re.sub(r"\d+", "", finding.detail) if finding.rule in _MEASURED else finding.detail
