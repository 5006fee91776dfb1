"""A value that knows whether a template did more with it than to print it. Renders nothing.

A mail can be filled in without Jinja where its values are only printed. Nobody can tell that by reading a template: a
name may pass through macros, loops and `set`. So a template is rendered once with values of this class. Printed, one
gives its marker; asked whether it is empty, the truth, which is part of what a filling is kept by (mail/filled.py).
Whatever else is done with it is noted: each operation of a string is replaced by one that takes a note and then does as
before, and every look at an attribute is one. A string that C code put together from it, without asking, is found by
the marker in it when it is printed.

Rejected: to read the syntax trees alone (a macro's argument has as many names as there are callers); to compare two
renderings (they would agree on `{% if name == "Bob" %}` until Bob signs up).
"""

from collections.abc import Callable
from typing import Any

# What is done with a value without looking at it.
_HARMLESS = {"__class__"}
_OPERATIONS = (
    *("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__hash__", "__len__", "__iter__", "__getitem__"),
    *("__contains__", "__add__", "__mod__", "__rmod__", "__mul__", "__rmul__", "__str__", "__repr__", "__format__"),
)


class Traced(str):
    """A marker that stands for a value, and notes in `inspected` what a template does besides printing it."""

    __slots__ = ("_inspected", "_is_full")

    def __new__(cls, marker: str, inspected: list[str], *, is_full: bool) -> "Traced":
        """Stands for a value that is not empty, or is."""
        traced = super().__new__(cls, marker if is_full else "")
        object.__setattr__(traced, "_inspected", inspected)
        object.__setattr__(traced, "_is_full", is_full)
        return traced

    def __bool__(self) -> bool:
        return bool(object.__getattribute__(self, "_is_full"))

    def __getattribute__(self, name: str) -> Any:
        if name not in _HARMLESS:
            object.__getattribute__(self, "_inspected").append(name)
        return super().__getattribute__(name)

    def __radd__(self, other: str) -> str:
        object.__getattribute__(self, "_inspected").append("__radd__")
        return other + plain(self)


def plain(traced: Traced) -> str:
    """The marker itself, without a note."""
    return str.__str__(traced)


def printed(value: Any) -> Any:
    """What is printed of any value; of one that is traced its marker."""
    return plain(value) if type(value) is Traced else value


def _noted(name: str, operation: Callable[..., Any]) -> Callable[..., Any]:
    def noted(self: Traced, *args: Any) -> Any:
        object.__getattribute__(self, "_inspected").append(name)
        return operation(self, *args)

    return noted


for _name in _OPERATIONS:
    setattr(Traced, _name, _noted(_name, getattr(str, _name)))
