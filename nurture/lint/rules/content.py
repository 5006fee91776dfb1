"""Whether a mail says anything of its own, beyond its headings and the frame that every mail stands in."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

import lxml.html

from nurture.lint.rendered_mail import HTML, TEXT, RenderedMail, Violation
from nurture.lint.rules.addresses import WRITTEN

_WORD = re.compile(r"[^\W_]+")
_CONTENT = r"block content"


def content(mail: RenderedMail) -> Iterator[Violation]:
    """A body that says nothing: its frame is all that its reader sees."""
    frame = mail.frame.get(HTML, "")
    said = _words(lxml.html.document_fromstring(frame).itertext() if frame else ())
    headings = _words(heading.words for heading in mail.page.headings)
    if not _words([mail.page.words]) - said - headings:
        yield Violation("empty", "the HTML says nothing but its headings and its frame", HTML, _CONTENT)
    if not _words([mail.content.text]) - _words([mail.frame.get(TEXT, "")]):
        yield Violation("empty", "the text says nothing but its frame", TEXT, _CONTENT)


def _words(texts: Iterable[str]) -> Counter[str]:
    return Counter(word for text in texts for word in _WORD.findall(WRITTEN.sub("", text).lower()))
