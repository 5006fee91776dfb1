"""What a glance at a phone, a shared calendar or a server's log must not learn of a reader. Looks at no body.

The words are those of data/private_words.toml and the clinic's own.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain
from urllib.parse import unquote, urlsplit

from nurture.lint.data import table
from nurture.lint.rendered_mail import CONFIG, HTML, SUBJECT, TEXT, LintContext, RenderedMail, Violation
from nurture.lint.rules.addresses import written
from nurture.lint.words import pattern_of

# A signed token says nothing, whatever letters it happens to hold.
_TOKEN = re.compile(r"/[\w-]{20}\.[\w-]{22}(?![\w-])", re.ASCII)
# An article may be called by the method it explains: that tells nothing of what its reader has.
_METHOD = re.compile(r"(?<=/articles/)(?:dry-)?needling\b")


def privacy(mail: RenderedMail) -> Iterator[Violation]:
    """Private words where others can see them."""
    yield from _words(mail, "subject", mail.content.subject, SUBJECT)
    yield from _words(mail, "preheader", mail.page.hidden, HTML)
    yield from _words(mail, "calendar title", mail.calendar_title, HTML)
    for name, value in mail.headers:
        yield from _words(mail, f"header {name}", f"{name} {_without_own(value, mail.context)}", CONFIG)
    for part, hrefs in ((HTML, [link.href for link in mail.page.links]), (TEXT, written(mail.content.text))):
        for href in dict.fromkeys(hrefs):
            yield from _words(mail, f"address {href}", _told(href), part, re.escape(href))


def _told(href: str) -> str:
    """The words of an address that a server or a mail program is told."""
    try:
        parts = urlsplit(href)
    except ValueError:
        return ""
    path = _METHOD.sub("", _TOKEN.sub("/", unquote(parts.path))) if parts.scheme in {"http", "https", ""} else ""
    return re.sub(r"[^\w/-]|_", " ", f"{path} {unquote(parts.query)} {unquote(parts.fragment)}")


def _without_own(header: str, context: LintContext) -> str:
    """The words of a header but those of the clinic's site, domain and name: they say what they say everywhere."""
    told = _TOKEN.sub("/", header.replace(context.site, ""))
    told = told.replace(f"@{context.domain}", "").replace(f".{context.domain}", "")
    own = set(re.findall(r"\w+", context.clinic.lower()))
    return " ".join(word for word in re.split(r"[^\w-]+|_", told) if word.lower() not in own)


def _words(mail: RenderedMail, where: str, text: str, part: str, needle: str = "") -> Iterator[Violation]:
    # The clinic's own name may say what it does: it stands in From as well.
    text = re.sub(re.escape(mail.context.clinic), "", text, flags=re.IGNORECASE)
    found = [*_names(mail.context, text), *(match[0] for match in _private(mail.context.private_words).finditer(text))]
    for word in dict.fromkeys(found):
        place = rf"(?m)^[^#\n]*?({re.escape(word)})" if part == CONFIG else re.escape(word)
        yield Violation("privacy", f"the {where} says “{word}”", part, needle or place)


@lru_cache(maxsize=8)
def _private(own: tuple[str, ...]) -> re.Pattern[str]:
    """The words of the list and the clinic's own, whole and in every form."""
    known, of_somebody = table("private_words")["words"], table("private_words")["own"]
    words = pattern_of([*chain.from_iterable(known.values()), *own])
    return re.compile(f"{words}|{pattern_of(of_somebody['words'], of_somebody['before'])}", re.IGNORECASE)


def _names(context: LintContext, text: str) -> list[str]:
    """The clinician by any name; the surname alone only as a name is written, for some are words as well."""
    whole = [name for name in context.clinicians if name and name.lower() in text.lower()]
    surname = re.escape(context.clinicians[-1].split()[-1])
    title = re.search(rf"\b(?i:dr|doctor)\b[. -]*(?i:{surname})\b|\b{surname}\b", text)
    return whole or ([title[0]] if title else [])
