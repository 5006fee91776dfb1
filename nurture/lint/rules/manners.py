"""What would make a mail better: advice, which stops nothing. Looks at what a reader sees and hears."""

import re
from collections.abc import Iterator
from functools import partial
from itertools import pairwise

from nurture.lint.finding import Level
from nurture.lint.page import squeezed
from nurture.lint.rendered_mail import SUBJECT, TEXT, LintContext, RenderedMail, Violation
from nurture.lint.rules.addresses import WRITTEN

# RFC 5322 2.1.1: what every screen shows without breaking the line anew.
LONGEST_LINE = 78
_advice = partial(Violation, level=Level.ADVICE)
# In four letters or more: MRI and USA are words.
_CAPITALS = re.compile(r"\b[^\W\d_]{4,}\b")
# What a link says to somebody who hears the links of a mail one after the other.
_SAYS_NOTHING = re.compile(
    r"(?:please )?(?:(?:click|tap|press)(?: (?:here|below|this(?: link)?))?|here|this link|link)"
)
_CLICK_HERE = r"\b(?:click|tap|press)\s+(?:here|this\s+link)\b"


def manners(mail: RenderedMail) -> Iterator[Violation]:
    """Advice on a subject that shouts, on what a screen reader meets, and on lines too long for a plain text."""
    shouts = _shouted(mail.content.subject, mail.context)
    if shouts:
        yield _advice("shouting", f"the subject shouts: {shouts}", SUBJECT, re.escape(shouts))
    yield from _outline(mail)
    if mail.page.bare_tables:
        detail = 'a table that only lays out the mail has no role="presentation", so screen readers count its cells'
        yield _advice("table-role", detail, needle=r"<table(?![^>]*\brole\b)")
    yield from _click_here(mail)
    yield from _long_lines(mail)


def _shouted(subject: str, context: LintContext) -> str:
    """The first part of the subject that shouts; the clinic may write its own name as it does."""
    own = " ".join((context.clinic, *context.clinicians))
    capitals = [word for word in _CAPITALS.findall(subject) if word.isupper() and word not in own]
    marks = re.findall(r"(?:!\W*){2,}|!\s*\?|\?\s*!", subject)
    return next(iter([*capitals, *marks]), "").strip() or ("!" if subject.count("!") > 1 else "")


def _outline(mail: RenderedMail) -> Iterator[Violation]:
    for above, below in pairwise(mail.page.headings):
        if below.rank > above.rank + 1:
            detail = f"the heading “{below.words[:40]}” is an <h{below.rank}> right below an <h{above.rank}>"
            yield _advice("outline", detail, needle=rf"(?m)<h{below.rank}\b|^#{{{below.rank}}} ")


def _click_here(mail: RenderedMail) -> Iterator[Violation]:
    for link in mail.page.links:
        words = squeezed(re.sub(r"[^\w\s]", "", link.words)).lower()
        if _SAYS_NOTHING.fullmatch(words) or re.search(_CLICK_HERE, words):
            detail = f"the link “{link.words}” does not say where it leads"
            yield _advice("click-here", detail, needle=rf">\s*{_spaced(link.words)}")
    told = re.search(_CLICK_HERE, mail.content.text, re.IGNORECASE)
    if told:
        yield _advice("click-here", f"the text says “{squeezed(told[0])}”, and has nothing to press", TEXT, _CLICK_HERE)


def _long_lines(mail: RenderedMail) -> Iterator[Violation]:
    for line in mail.content.text.split("\n"):
        # An address must not be broken, and a reader's name is as long as it is.
        own = WRITTEN.sub("", line).replace(mail.name or "\n", "").strip()
        if len(own) > LONGEST_LINE:
            detail = f"a line of the text has {len(own)} characters, more than {LONGEST_LINE}: {own[:40]}..."
            yield _advice("long-line", detail, TEXT, re.escape(own[:30]))


def _spaced(words: str) -> str:
    """A pattern of the words as they stand in a template, where markup may come between them."""
    return r"(?:\s|<[^>]*>)+".join(map(re.escape, words.split()))
