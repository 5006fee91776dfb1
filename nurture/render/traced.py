"""A value that knows whether a template did more with it than to print it. Renders nothing.

A mail can be filled in without Jinja where its values are only printed. Nobody can tell that by reading a template: a
name may pass through macros, loops and `set`. So a template is rendered once with values of this class. Printed, one
gives its marker; asked whether it is empty, the truth, which is part of what a filling is kept by (mail/filled.py).
Whatever else is done with it is noted and refused: every operation, and every look at an attribute or at its class.

It is no string, on purpose: C code reads a string's letters without asking (`{% if name in "Ann, Bob" %}`,
`"Ann Bob".find(name)`, `name | int`), and would find a marker in the place of a name without anybody's notice.

Rejected: to read the syntax trees alone (a macro's argument has as many names as there are callers); to compare two
renderings (they would agree on `{% if name == "Bob" %}` until Bob signs up).
"""

from collections.abc import Callable
from typing import Any, NoReturn

_COMPARED = ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__hash__")
_READ = ("__len__", "__iter__", "__getitem__", "__contains__", "__call__", "__str__", "__repr__", "__format__")
_RECKONED = ("__add__", "__radd__", "__mod__", "__rmod__", "__mul__", "__rmul__", "__int__", "__float__", "__index__")


class Traced:
    """Stands for a value, and notes in `inspected` what a template does besides printing it."""

    __slots__ = ("_inspected", "_marker")

    def __init__(self, marker: str, inspected: list[str], *, is_full: bool) -> None:
        self._marker, self._inspected = marker if is_full else "", inspected

    def __bool__(self) -> bool:
        return plain(self) != ""

    def __getattribute__(self, name: str) -> NoReturn:
        _note(self, name)


def plain(traced: Traced) -> str:
    """The marker itself, without a note; nothing where the value is empty."""
    return str(object.__getattribute__(traced, "_marker"))


def printed(value: Any) -> Any:
    """What is printed of any value; of one that is traced its marker."""
    return plain(value) if type(value) is Traced else value


def _note(traced: Traced, name: str) -> NoReturn:
    object.__getattribute__(traced, "_inspected").append(name)
    raise TypeError(f"{name} looks into a value")


def _noted(name: str) -> Callable[..., Any]:
    return lambda traced, *_args: _note(traced, name)


for _name in (*_COMPARED, *_READ, *_RECKONED):
    setattr(Traced, _name, _noted(_name))
