"""Where every command ends that cannot go on: in one sentence and an exit code, 1 refused or 3 the machine's doing.

What nobody foresaw is none of these. It passes through, traceback and all, because it is a fault of ours to mend.
"""

import errno
import os
import sys
from contextlib import suppress
from typing import Any

from nurture.cli.answer import UnsaidError
from nurture.cli.aside import say
from nurture.cli.lazy import LazyGroup
from nurture.domain.errors import MachineError, NurtureError

REFUSED, MACHINE = 1, 3
_OWNER = "Give the command as the user who owns it, or set NURTURE_VAR to a folder that is yours"
_PATH = "Look at the path and at what stands there"
_THEN = {
    errno.EACCES: _OWNER,
    errno.EPERM: _OWNER,
    errno.EROFS: "The disk can only be read: set NURTURE_VAR to a folder that can be written to",
    errno.ENOSPC: "Make room on the disk, and give the command again",
    errno.EDQUOT: "Make room in your share of the disk, and give the command again",
    errno.EMFILE: "Let it open more files (ulimit -n), and give the command again",
    errno.ENFILE: "Close other programs, and give the command again",
    errno.ENOMEM: "Close other programs, and give the command again",
    errno.ENOENT: _PATH,
    errno.ENOTDIR: _PATH,
    errno.EISDIR: _PATH,
    errno.EEXIST: _PATH,
    errno.ELOOP: _PATH,
    errno.ENAMETOOLONG: "Choose a shorter path",
}
_OTHERWISE = "Give the command again; if that does not help, the machine needs a look"


class Entry(LazyGroup):
    """The `nurture` command itself."""

    def main(self, *arguments: Any, **options: Any) -> Any:
        """Runs the command; what it cannot go on from is said on standard error."""
        try:
            return super().main(*arguments, **options)
        except (NurtureError, OSError, UnicodeError, OverflowError, MemoryError) as error:
            sentence = _sentence(error)
            # With nowhere left to say it, the exit code is all there is.
            with suppress(OSError):
                say(f"nurture: {sentence}")
            is_refused = isinstance(error, NurtureError) and not isinstance(error, MachineError)
            sys.exit(REFUSED if is_refused else MACHINE)


def _sentence(error: Exception) -> str:
    """What happened, what did not change, what to do."""
    match error:
        case NurtureError():
            return str(error)
        case UnsaidError():
            return (
                f"The answer cannot be written ({error.strerror}). What the command was to change is changed; "
                "make room, and look with list or show."
            )
        case OSError():
            return _of_the_system(error)
        case UnicodeError():
            return f"A text cannot be read or written here ({error}), so nothing more was changed. Write it in UTF-8."
        case OverflowError():
            return "A number or a date is too large to reckon with, so nothing more was changed. Give a smaller one."
        case _:
            return "The machine has no memory left, so nothing more was changed. Close other programs, and try again."


def _of_the_system(error: OSError) -> str:
    place = (
        f"{os.fsdecode(error.filename)} cannot be used"
        if isinstance(error.filename, str | bytes)
        else "The system refuses"
    )
    reason = f"{place} ({error.strerror or error})"
    return f"{reason}, so nothing more was changed. {_THEN.get(error.errno or 0, _OTHERWISE)}."
