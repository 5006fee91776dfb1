"""CSS inlined once per skeleton of a mail, not once per mail. Knows no mail.

premailer takes some 20 ms for one of our mails, filling in its values 0.05 ms. All mails of a step that take the same
branches differ in their values alone. So Jinja's `finalize` is given every value that is about to be printed, keeps
it, and prints a placeholder: what comes out is the skeleton. It is inlined once, cut at its placeholders, and kept by
its own text (nobody needs to know which facts choose a branch). Each mail then fills in its values, escaped.

    template    <style>b { color: red }</style><b>Hello {{ name }}</b>
    skeleton    <style>b { color: red }</style><b>Hello v3fa2c4d5e6f7n0e</b>         and the values ["Ann &amp; Co"]
    compiled    ['<b style="color:red">Hello ', '0', '</b>']
    mail        <b style="color:red">Hello Ann &amp; Co</b>

The promise: the same DOM as to render, then inline. It holds as long as no value decides how the document is built:
- The template does more with what it printed than to print it. `{% if greeting %}` would find a placeholder where a
  mail has nothing. See output_analysis.py.
- CSS or the parser go by the value: in a `class`, in a style sheet, between the rows of a table. See placeholders.py.
- libxml2 writes it otherwise where it stands, as a blank in an address.
Where any of these may be so, the mail is rendered and inlined whole: slower, never wrong.

Rejected: to inline the template's source (its branches, parents and macros are no HTML yet); to list by hand which
templates are safe (nobody would keep the list true); placeholders of signs or controls (libxml2 encodes or drops them,
while letters and digits stay as they are everywhere); a faster inliner (css-inline: still
slower than to fill in values, and one more library).
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
from nurture.render.html.output_analysis import inspects_own_output
from nurture.render.html.placeholders import some_placeholder_decides
from nurture.render.traced import printed

# Skeletons are few (branches taken times articles); a template that makes more than this is merely slower.
MOST_SKELETONS = 512

_COMMENT, _ELEMENT = re.compile(r"<!--.*?-->", re.DOTALL), re.compile(r"<[a-zA-Z]")
# The inliner encodes what else stands in an address.
_PLAIN_ADDRESS = re.compile(r"[!-~]*")

# (how placeholders begin, the values taken out so far) while a skeleton is being rendered.
_taking_out: ContextVar[tuple[str, list[str]] | None] = ContextVar("_taking_out", default=None)


@dataclass(frozen=True, slots=True)
class CompiledSkeleton:
    """An inlined skeleton: text and the number of a value in turn, and the numbers of those that stand in addresses."""

    pieces: list[str]
    addresses: list[int]


class Skeletons:
    """The skeletons seen so far, each compiled once. `render` makes a whole, inlined document."""

    def __init__(self, environment: Environment, inline: Callable[[str], str]) -> None:
        self._environment, self._inline = environment, inline
        environment.finalize = _take_out
        self._compiled: OrderedDict[tuple[str, str], CompiledSkeleton | None] = OrderedDict()
        # Letters and digits alone survive every part of an HTML document as they are; nobody can guess these.
        self._prefix = f"v{secrets.token_hex(6)}n"
        self._placeholder = re.compile(f"{self._prefix}([0-9]+)e")
        # Attributes that hold a placeholder and whose values libxml2 encodes.
        self._address = re.compile(
            rf"""\b(?:href|src|action|name)=(?:"[^"]*{self._prefix}[^"]*|'[^']*{self._prefix}[^']*)"""
        )

    def render(self, name: str, draw: Callable[[], str]) -> str:
        """The inlined document that `draw` renders from the template of that name."""
        skeleton, values = _without_values(draw, self._prefix)
        compiled = self._compiled_once(name, draw, skeleton, values)
        if compiled is None or not all(_PLAIN_ADDRESS.fullmatch(values[number]) for number in compiled.addresses):
            # Some value decides how the document is built: this one is inlined whole.
            return self._inline(draw())
        return _filled(compiled.pieces, values)

    def skeleton(self, name: str, draw: Callable[[], str]) -> tuple[str, bool]:
        """The document without its values, and whether it can be inlined once for every mail of that skeleton."""
        skeleton, values = _without_values(draw, self._prefix)
        return skeleton, self._compiled_once(name, draw, skeleton, values) is not None

    def _compiled_once(
        self, name: str, draw: Callable[[], str], skeleton: str, values: list[str]
    ) -> CompiledSkeleton | None:
        """The skeleton compiled; None when its documents must be inlined whole."""
        key = name, skeleton
        if key in self._compiled:
            self._compiled.move_to_end(key)
            return self._compiled[key]
        if not _ELEMENT.search(_COMMENT.sub("", skeleton)):
            raise TemplateError(f"{name} line 1: it prints no HTML")
        is_safe = not inspects_own_output(self._environment, name) and self._is_whole(draw, skeleton, values)
        self._compiled[key] = self._compile(skeleton) if is_safe else None
        if len(self._compiled) > MOST_SKELETONS:
            self._compiled.popitem(last=False)
        return self._compiled[key]

    def _is_whole(self, draw: Callable[[], str], skeleton: str, values: list[str]) -> bool:
        """Tell whether the skeleton and its values are all that the document is made of."""
        return _filled(self._placeholder.split(skeleton), values) == draw()

    def _compile(self, skeleton: str) -> CompiledSkeleton | None:
        """The skeleton inlined and cut at its placeholders; None when a value may decide how the document is built.

        That is so when CSS goes by a placeholder, when elements depend on whether the values are empty, and when the
        inliner drops, repeats or changes a placeholder.
        """
        if some_placeholder_decides(skeleton, self._prefix) or not self._stands_without_values(skeleton):
            return None
        inlined = self._inline(skeleton)
        pieces = self._placeholder.split(inlined)
        if sorted(pieces[1::2]) != sorted(self._placeholder.findall(skeleton)):
            return None
        addresses = [self._placeholder.findall(each) for each in self._address.findall(inlined)]
        return CompiledSkeleton(pieces, [int(number) for each in addresses for number in each])

    def _stands_without_values(self, skeleton: str) -> bool:
        """Tell whether the document has the same elements when all its values are empty.

        libxml2 moves text between the rows of a table, or in the head, into elements that it makes for it; without
        text it makes none.
        """
        return self._placeholder.sub("", _parsed(skeleton)) == _parsed(self._placeholder.sub("", skeleton))


def _parsed(html: str) -> str:
    """The document as libxml2, and so the inliner, understands it."""
    return str(lxml.html.tostring(lxml.html.document_fromstring(html), encoding="unicode", pretty_print=True))


def _filled(pieces: list[str], values: list[str]) -> str:
    whole = pieces.copy()
    whole[1::2] = [values[int(number)] for number in pieces[1::2]]
    return "".join(whole)


def _without_values(draw: Callable[[], str], prefix: str) -> tuple[str, list[str]]:
    """The document with placeholders for its values, and the values."""
    values: list[str] = []
    token = _taking_out.set((prefix, values))
    try:
        return draw(), values
    finally:
        _taking_out.reset(token)


# Asking for the context keeps Jinja from calling this for constants while it compiles.
@pass_context
def _take_out(_context: Context, value: Any) -> Any:
    value, rendering = printed(value), _taking_out.get()
    # What brings its own HTML belongs to the skeleton: brand colors, articles, what macros and modules printed.
    if rendering is None or hasattr(value, "__html__"):
        return value
    prefix, values = rendering
    values.append(str(escape(value)))
    return Markup(f"{prefix}{len(values) - 1}e")  # noqa: S704 - a placeholder is letters and digits
