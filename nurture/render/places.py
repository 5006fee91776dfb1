"""Where the marks of a document stand, and whether what stands there decides how the document looks.

A value in running text or in a quoted attribute is shown and no more. Reads HTML and CSS, and inlines nothing.
"""

import re
from html.parser import HTMLParser

_QUOTED = re.compile(r"""=\s*(?:"[^"]*"|'[^']*')""")
_BRACKETED = re.compile(r"\[([^\]]*)")
_WORD = re.compile(r"[\w-]+")
# Rules select by the first two, and the inliner reads the others.
_DECIDING = {"class", "id", "style", "data-premailer"}
_STYLES = {"style", "link"}


def some_mark_decides(html: str, mark: str) -> bool:
    """Tell whether a mark stands in CSS, in a tag outside of quotes, or in an attribute that a rule may ask for."""
    reader = _Reader(mark)
    reader.feed(html)
    reader.close()
    css = " ".join(reader.css)
    asked = set(_WORD.findall(" ".join(_BRACKETED.findall(css)).lower()))
    return reader.is_broken or mark in css or not reader.filled.isdisjoint(_DECIDING | asked)


class _Reader(HTMLParser):
    """Gathers the style sheets, and the attributes that are filled with marks."""

    def __init__(self, mark: str) -> None:
        super().__init__()
        self._mark = mark
        self.css: list[str] = []
        self.filled: set[str] = set()
        self.is_broken = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at the values of a tag that holds a mark."""
        text = self.get_starttag_text() or ""
        if self._mark in text:
            self.filled |= {name for name, value in attrs if self._mark in (value or "")}
            self.is_broken |= tag in _STYLES or self._mark in _QUOTED.sub("", text)

    def handle_data(self, data: str) -> None:
        """Keep the style sheets."""
        if self.cdata_elem == "style":
            self.css.append(data)
