"""HTML that does not close what it opens, or would run: what a browser forgives, and a mail program may not."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import accumulate
from typing import Any

from nurture.lint.rendered_mail import RenderedMail, Violation

# Elements that have no end (HTML 13.1.2).
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


def markup(mail: RenderedMail) -> Iterator[Violation]:
    """Tags without their counterpart, and whatever a program would have to run."""
    tags = _Tags(mail.raw)
    # After an end without a start nobody can tell what belongs to what: the first of them may explain the rest.
    for tag in tags.unpaired[:1] if tags.is_lost else tags.unpaired:
        yield _unpaired(tag, mail.raw)
    if "script" in mail.page.elements:
        yield Violation("script", "no mail program runs a <script>, and many refuse the mail", needle=r"<script\b")
    for name in sorted(each for each in mail.page.attributes if each.startswith("on")):
        yield Violation("script", f"no mail program runs {name}, and many refuse the mail", needle=rf"\s{name}\s*=")


@dataclass(frozen=True, slots=True)
class _Tag:
    """A tag of a document: the element's name, and where and how it is written."""

    name: str
    start: int
    written: str


def _unpaired(tag: _Tag, html: str) -> Violation:
    is_end, after = tag.written.startswith("</"), tag.start + len(tag.written)
    # A few letters beside the tag tell it from others of its name.
    beside = html[: tag.start].rpartition("\n")[2][-20:] if is_end else html[after : after + 20].partition("\n")[0]
    place = beside + tag.written if is_end else tag.written + beside
    what = "closes nothing" if is_end else "is not closed"
    return Violation("tag", f"{tag.written[:60]} {what}", needle=re.escape(place), otherwise=rf"</?{tag.name}\b")


class _Tags(HTMLParser):
    """The tags of a document that have no counterpart, in the order in which that is found out."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self._lines = [0, *accumulate(len(line) + 1 for line in html.split("\n"))]
        self._open: list[_Tag] = []
        self.unpaired: list[_Tag] = []
        #: Tell whether an end was found that closes nothing.
        self.is_lost = False
        self.feed(html)
        self.close()
        self.unpaired += self._open

    def handle_starttag(self, tag: str, attrs: Any) -> None:  # noqa: ARG002 - the parser's own signature
        """The tag waits for its end."""
        if tag not in _VOID:
            self._open.append(self._here(tag, self.get_starttag_text() or ""))

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        """Its own end in XML alone: HTML reads `<p/>` as `<p>`."""
        if ":" not in tag:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """What was opened since its start was not closed."""
        starts = [at for at, each in enumerate(self._open) if each.name == tag]
        if starts:
            self.unpaired += self._open[starts[-1] + 1 :]
            del self._open[starts[-1] :]
        # An end that comes too late was said already: its start is not closed where it should be.
        elif tag not in _VOID and tag not in {each.name for each in self.unpaired}:
            self.unpaired.append(self._here(tag, f"</{tag}>"))
            self.is_lost = True

    def _here(self, tag: str, written: str) -> _Tag:
        line, column = self.getpos()
        return _Tag(tag, self._lines[line - 1] + column, written)
