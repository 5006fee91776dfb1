"""Where the placeholders of a skeleton stand, and whether CSS would go by the values there. Inlines nothing.

A value in running text, or in a quoted attribute that no style rule asks for, is shown and no more. One in a style
sheet, in a `class`, or as the name of an attribute decides which rules match: with a placeholder in its stead the
inliner would match others. See skeletons.py.
"""

import re
from html.parser import HTMLParser

_QUOTED = re.compile(r"""=\s*(?:"[^"]*"|'[^']*')""")
_BRACKETED = re.compile(r"\[([^\]]*)")
_WORD = re.compile(r"[\w-]+")
# Rules select by the first two, and the inliner reads the others.
_DECIDING = {"class", "id", "style", "data-premailer"}
_STYLES = {"style", "link"}


def some_placeholder_decides(html: str, prefix: str) -> bool:
    """Tell whether a placeholder (each begins with `prefix`) stands in CSS, unquoted in a tag, or where a rule asks."""
    reader = _Reader(prefix)
    reader.feed(html)
    reader.close()
    css = " ".join(reader.css)
    asked = set(_WORD.findall(" ".join(_BRACKETED.findall(css)).lower()))
    return reader.is_broken or prefix in css or not reader.filled.isdisjoint(_DECIDING | asked)


class _Reader(HTMLParser):
    """Gathers the style sheets, and the attributes that are filled with placeholders."""

    def __init__(self, prefix: str) -> None:
        super().__init__()
        self._prefix = prefix
        self.css: list[str] = []
        self.filled: set[str] = set()
        self.is_broken = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the attributes of a tag that hold a placeholder."""
        text = self.get_starttag_text() or ""
        if self._prefix in text:
            self.filled |= {name for name, value in attrs if self._prefix in (value or "")}
            self.is_broken |= tag in _STYLES or self._prefix in _QUOTED.sub("", text)

    def handle_data(self, data: str) -> None:
        """Keep the style sheets."""
        if self.cdata_elem == "style":
            self.css.append(data)
