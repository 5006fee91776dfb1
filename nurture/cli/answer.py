"""Standard output as commands write their answers to it: its failures are told apart from all others of the machine."""

import io
import os
import sys
from typing import TextIO


class UnsaidError(OSError):
    """The answer, or a part of it, could not be written."""


class _Raw(io.FileIO):
    """The file behind standard output. Once it has failed it swallows the rest: one complaint is enough."""

    _has_failed = False

    def write(self, data: object) -> int:
        """The bytes are written; raises UnsaidError, once, when nothing takes them."""
        if self._has_failed:
            return len(bytes(data))  # type: ignore[call-overload]
        try:
            return super().write(data)  # type: ignore[arg-type]
        except OSError as error:
            self._has_failed = True
            raise UnsaidError(error.errno, error.strerror) from error


def prepare_answers() -> None:
    """Whatever may be left of the streams that started us can be written to, and a failure has a name.

    A terminal that lacks a letter of a name shows the letter's number instead.
    """
    if sys.stderr is None:
        sys.stderr = _nowhere()
    if sys.stdout is None:
        sys.stdout = _nowhere()
        return
    raw = io.BufferedWriter(_Raw(sys.stdout.fileno(), "w", closefd=False))
    is_seen = sys.stdout.isatty()
    sys.stdout = io.TextIOWrapper(raw, sys.stdout.encoding, "backslashreplace", line_buffering=is_seen)


def _nowhere() -> TextIO:
    """In the place of a stream that whoever started us has closed; a file opened later would else take it."""
    return os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
