"""CSS inlined once per shape of a document, not once per mail: the same DOM as to render, then inline.

Jinja's `finalize` swaps values for marks. What is left, the shape, is inlined once; a mail fills its values, escaped,
into the gaps. Where a template looks at what it printed, or CSS at a mark, mails are inlined whole. Knows no mail.
"""

import re
import secrets
from collections import OrderedDict
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import lxml.html
from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from nurture.domain.errors import TemplateError
from nurture.render.looks import looks_at_its_output
from nurture.render.places import some_mark_decides

# Shapes are few (branches taken times articles); a template that makes more than this is merely slower.
MOST_SHAPES = 512

_COMMENT, _ELEMENT = re.compile(r"<!--.*?-->", re.DOTALL), re.compile(r"<[a-zA-Z]")
# The inliner encodes what else stands in an address.
_PLAIN_ADDRESS = re.compile(r"[!-~]*")

# (the mark in use, the values swapped so far) while a shape is being drawn.
_drawing: ContextVar[tuple[str, list[str]] | None] = ContextVar("_drawing", default=None)


@dataclass(frozen=True, slots=True)
class _Cut:
    """An inlined shape: text and mark numbers in turn, and the numbers that stand in addresses."""

    pieces: list[str]
    addresses: list[int]


class Shapes:
    """The shapes seen so far, each cut at its marks. `inline` turns a whole document into an inlined one."""

    def __init__(self, environment: Environment, inline: Callable[[str], str]) -> None:
        self._environment, self._inline = environment, inline
        environment.finalize = _swap
        self._cut: OrderedDict[tuple[str, str], _Cut | None] = OrderedDict()
        # Letters and digits alone survive every part of an HTML document as they are, and no reader knows them.
        self._mark = f"v{secrets.token_hex(6)}n"
        self._pattern = re.compile(f"{self._mark}([0-9]+)e")
        # Those whose values libxml2 encodes.
        self._address = re.compile(
            rf"""\b(?:href|src|action|name)=(?:"[^"]*{self._mark}[^"]*|'[^']*{self._mark}[^']*)"""
        )

    def render(self, name: str, draw: Callable[[], str]) -> str:
        """The inlined document that `draw` renders from the template of that name."""
        shape, values = _drawn(draw, self._mark)
        cut = self._known(name, draw, shape, values)
        if cut is None or not all(_PLAIN_ADDRESS.fullmatch(values[number]) for number in cut.addresses):
            # Some value decides how the document is built: this one is inlined whole.
            return self._inline(draw())
        return _filled(cut.pieces, values)

    def shape(self, name: str, draw: Callable[[], str]) -> tuple[str, bool]:
        """The document without its values, and whether it can be inlined once for every mail of that shape."""
        shape, values = _drawn(draw, self._mark)
        return shape, self._known(name, draw, shape, values) is not None

    def _known(self, name: str, draw: Callable[[], str], shape: str, values: list[str]) -> _Cut | None:
        """The shape, inlined and cut at its marks; None when its documents must be inlined whole."""
        key = name, shape
        if key in self._cut:
            self._cut.move_to_end(key)
            return self._cut[key]
        if not _ELEMENT.search(_COMMENT.sub("", shape)):
            raise TemplateError(f"{name} line 1: it prints no HTML")
        is_blind = not looks_at_its_output(self._environment, name) and self._is_whole(draw, shape, values)
        self._cut[key] = self._cut_up(shape) if is_blind else None
        if len(self._cut) > MOST_SHAPES:
            self._cut.popitem(last=False)
        return self._cut[key]

    def _is_whole(self, draw: Callable[[], str], shape: str, values: list[str]) -> bool:
        """Tell whether the shape and its values are all that the document is made of."""
        return _filled(self._pattern.split(shape), values) == draw()

    def _cut_up(self, shape: str) -> _Cut | None:
        """The inlined shape; None when a mark decides something, is lost or made twice, or must not be empty."""
        if some_mark_decides(shape, self._mark) or not self._stands_without_values(shape):
            return None
        inlined = self._inline(shape)
        pieces = self._pattern.split(inlined)
        if sorted(pieces[1::2]) != sorted(self._pattern.findall(shape)):
            return None
        addresses = [self._pattern.findall(each) for each in self._address.findall(inlined)]
        return _Cut(pieces, [int(number) for each in addresses for number in each])

    def _stands_without_values(self, shape: str) -> bool:
        """Tell whether it has the same elements when all values are empty.

        Text between the rows of a table, or in the head, makes elements; none does not.
        """
        return self._pattern.sub("", _parsed(shape)) == _parsed(self._pattern.sub("", shape))


def _parsed(html: str) -> str:
    """The document as libxml2, and so the inliner, understands it."""
    return str(lxml.html.tostring(lxml.html.document_fromstring(html), encoding="unicode", pretty_print=True))


def _filled(pieces: list[str], values: list[str]) -> str:
    whole = pieces.copy()
    whole[1::2] = [values[int(number)] for number in pieces[1::2]]
    return "".join(whole)


def _drawn(draw: Callable[[], str], mark: str) -> tuple[str, list[str]]:
    """The document with marks for values, and the values."""
    values: list[str] = []
    token = _drawing.set((mark, values))
    try:
        return draw(), values
    finally:
        _drawing.reset(token)


# Asking for the context keeps Jinja from calling this for constants while it compiles.
@pass_context
def _swap(_context: Context, value: Any) -> Any:
    drawing = _drawing.get()
    # What brings its own HTML belongs to the shape: brand colors, articles, what macros and modules printed.
    if drawing is None or hasattr(value, "__html__"):
        return value
    mark, values = drawing
    values.append(str(escape(value)))
    return Markup(f"{mark}{len(values) - 1}e")  # noqa: S704 - a mark is letters and digits
