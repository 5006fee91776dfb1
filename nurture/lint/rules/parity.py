"""Whether the text body says what the HTML says: links, numbers, headings and length. Judges neither alone."""

import re
from collections.abc import Iterator

from nurture.lint.page import squeezed
from nurture.lint.rendered_mail import TEXT, RenderedMail, Violation

# Each body's words, counted without addresses, stay within this part of the other's.
LEAST_SHARE = 0.6
_ADDRESS = re.compile(r"https?://\S+")
_WORD = re.compile(r"[^\W_]+")


def parity(mail: RenderedMail) -> Iterator[Violation]:
    """A text that leaves out what the HTML has, or the other way round."""
    text = mail.content.text
    for href in dict.fromkeys(link.href for link in mail.page.links):
        if _is_missing(href, text, mail.context.site):
            yield Violation("text", f"the text leaves out a link of the HTML: {href}", TEXT, re.escape(href))
    # The subject line is the heading of a text mail.
    said = {*_words(mail.content.subject), *_words(text)}
    for heading in mail.page.headings:
        words = [word for word in _words(heading.words) if len(word) > 3]
        if sum(word in said for word in words) * 2 < len(words):
            first = re.escape(heading.words.split(" ")[0])
            yield Violation("text", f"the text says nothing of the heading “{heading.words}”", TEXT, first)
    html, plain = len(_words(mail.page.words)), len(_words(_ADDRESS.sub("", text)))
    if min(html, plain) < LEAST_SHARE * max(html, plain):
        yield Violation("text", f"the text has {plain} words and the HTML {html}", TEXT)


def _is_missing(href: str, text: str, site: str) -> bool:
    if href.startswith("tel:"):
        return re.sub(r"\D", "", href)[-10:] not in re.sub(r"\D", "", text)
    # The letterhead's link home is an ornament.
    return href.startswith("http") and href.rstrip("/") != site and href not in text


def _words(text: str) -> list[str]:
    return _WORD.findall(squeezed(text).lower())
