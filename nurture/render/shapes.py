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

_values: ContextVar[list[str] | None] = ContextVar("_values", default=None)


class Shapes:
    """The shapes seen so far, each cut at its marks. `inline` turns a whole document into an inlined one."""

    def __init__(self, inline: Callable[[str], str]) -> None:
        self._inline = inline
        self._cut: OrderedDict[str, list[str] | None] = OrderedDict()
        # Letters and digits alone survive every part of an HTML document as they are.
        self._mark = f"v{secrets.token_hex(6)}n"
        self._pattern = re.compile(f"{self._mark}([0-9]+)e")

    def attach(self, environment: Environment) -> None:
        """Values that this environment prints can be swapped for marks."""
        environment.finalize = self._swap

    def render(self, draw: Callable[[], str]) -> str:
        """The inlined document that `draw` renders, equal to inlining it after rendering."""
        shape, values = _drawn(draw)
        pieces = self._pieces(shape)
        if pieces is None:
            # Some value decided how the document is built: this one is inlined whole.
            return self._inline(draw())
        pieces = pieces.copy()
        pieces[1::2] = [values[int(number)] for number in pieces[1::2]]
        return "".join(pieces)

    def shape(self, draw: Callable[[], str]) -> tuple[str, bool]:
        """The document without its values, and whether it can be inlined once for every mail of that shape."""
        shape, _ = _drawn(draw)
        return shape, self._pieces(shape) is not None

    def _pieces(self, shape: str) -> list[str] | None:
        """Text and mark numbers in turn; None when inlining loses or invents a mark."""
        if shape in self._cut:
            self._cut.move_to_end(shape)
            return self._cut[shape]
        pieces = self._pattern.split(self._inline(shape))
        is_whole = sorted(pieces[1::2]) == sorted(self._pattern.findall(shape))
        self._cut[shape] = pieces if is_whole else None
        if len(self._cut) > MOST_SHAPES:
            self._cut.popitem(last=False)
        return self._cut[shape]

    # Asking for the context keeps Jinja from calling this for constants while it compiles.
    @property
    def _swap(self) -> Callable[[Context, Any], Any]:
        mark = self._mark

        @pass_context
        def swap(_context: Context, value: Any) -> Any:
            values = _values.get()
            if values is None or isinstance(value, Markup):
                return value
            values.append(str(escape(value)))
            return Markup(f"{mark}{len(values) - 1}e")  # noqa: S704 - a mark is letters and digits

        return swap


def _drawn(draw: Callable[[], str]) -> tuple[str, list[str]]:
    """The document with marks for its values, and the values."""
    values: list[str] = []
    token = _values.set(values)
    try:
        return draw(), values
    finally:
        _values.reset(token)
