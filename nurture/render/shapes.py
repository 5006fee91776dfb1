"""CSS inlined once per shape of a document, not once per mail. Knows nothing of what the documents say.

Jinja's `finalize` swaps every value for a mark. What is left, the shape, is inlined once and kept by its own text;
a mail only fills its values, escaped, into the gaps. Values never reach the shape, so no reader can forge a mark.
"""

import re
import secrets
from collections import OrderedDict
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

# Shapes are few (branches taken times articles); a template that makes more than this is merely slower.
MOST_SHAPES = 512

# (the mark in use, the values swapped so far) while a shape is being drawn.
_drawing: ContextVar[tuple[str, list[str]] | None] = ContextVar("_drawing", default=None)


class Shapes:
    """The shapes seen so far, each cut at its marks. `inline` turns a whole document into an inlined one."""

    def __init__(self, inline: Callable[[str], str]) -> None:
        self._inline = inline
        self._cut: OrderedDict[str, list[str] | None] = OrderedDict()
        # Letters and digits alone survive every part of an HTML document as they are.
        self._mark = f"v{secrets.token_hex(6)}n"
        self._other_mark = f"w{secrets.token_hex(24)}n"
        self._pattern = _numbers(self._mark)
        # Rules select by class and id, so a value in there decides what applies.
        self._selected = re.compile(rf"""\b(?:class|id)\s*=\s*(?:"[^"]*|'[^']*|[^\s>"']*){self._mark}""", re.IGNORECASE)

    def attach(self, environment: Environment) -> None:
        """Values that this environment prints can be swapped for marks."""
        environment.finalize = _swap

    def render(self, draw: Callable[[], str]) -> str:
        """The inlined document that `draw` renders, equal to inlining it after rendering."""
        shape, values = _drawn(draw, self._mark)
        known = self._known(draw, shape, values)
        if known is None:
            # Some value decided how the document is built: this one is inlined whole.
            return self._inline(draw())
        pieces = known.copy()
        pieces[1::2] = [values[int(number)] for number in pieces[1::2]]
        return "".join(pieces)

    def shape(self, draw: Callable[[], str]) -> tuple[str, bool]:
        """The document without its values, and whether it can be inlined once for every mail of that shape."""
        shape, values = _drawn(draw, self._mark)
        return shape, self._known(draw, shape, values) is not None

    def _known(self, draw: Callable[[], str], shape: str, values: list[str]) -> list[str] | None:
        """The shape, inlined and cut at its marks; None when its documents must be inlined whole."""
        if shape in self._cut:
            self._cut.move_to_end(shape)
            return self._cut[shape]
        pieces = self._pieces(shape) if self._is_blind(draw, shape, values) else None
        self._keep(shape, pieces)
        return pieces

    def _keep(self, shape: str, pieces: list[str] | None) -> None:
        self._cut[shape] = pieces
        if len(self._cut) > MOST_SHAPES:
            self._cut.popitem(last=False)

    def _is_blind(self, draw: Callable[[], str], shape: str, values: list[str]) -> bool:
        """Tell whether no part of the template looked into a mark: drawn with other marks, all else is the same."""
        other, other_values = _drawn(draw, self._other_mark)
        return values == other_values and self._pattern.split(shape) == _numbers(self._other_mark).split(other)

    def _pieces(self, shape: str) -> list[str] | None:
        """Text and mark numbers in turn; None when inlining depends on a mark, loses one or invents one."""
        if self._selected.search(shape):
            return None
        pieces = self._pattern.split(self._inline(shape))
        return pieces if sorted(pieces[1::2]) == sorted(self._pattern.findall(shape)) else None


def _numbers(mark: str) -> re.Pattern[str]:
    return re.compile(f"{mark}([0-9]+)e")


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
    if drawing is None or isinstance(value, Markup):
        return value
    mark, values = drawing
    values.append(str(escape(value)))
    return Markup(f"{mark}{len(values) - 1}e")  # noqa: S704 - a mark is letters and digits
