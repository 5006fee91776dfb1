"""What is said beside a command's answer, on standard error: refusals, questions and warnings, easy to read there.

A terminal would break a line in the middle of a word. It is broken between words instead, and never within what
somebody may want to copy: an address, a link, or a command with what follows it.
"""

import re
import shutil
import sys

import click

# A command goes as far as its name, its options, and what looks like a value of them.
_VALUE = r"--?[a-z][\w-]*|\.\.\.|[A-Z]{2,}\b|'[^']*'|[^\s,;]*[\d@][^\s,;]*"
_WHOLE = re.compile(rf"(?:`[^`]*`|nurture [a-z-]+(?: [a-z-]+)?(?: (?:{_VALUE}))*|\S)+")


def say(sentence: str) -> None:
    """The sentence is on standard error."""
    click.echo(for_terminal(sentence), err=True)


def for_terminal(sentence: str) -> str:
    """The sentence in lines that fit the terminal behind standard error; a log or a pipe has it in one piece."""
    return wrapped(sentence, shutil.get_terminal_size().columns) if sys.stderr.isatty() else sentence


def wrapped(sentence: str, width: int) -> str:
    """The sentence in lines of at most `width` columns, wider only where one thing that stays whole is."""
    # It takes longer to load than most commands have to say anything.
    from rich.cells import cell_len  # noqa: PLC0415

    lines = list[str]()
    for words in _WHOLE.findall(sentence):
        longer = f"{lines[-1]} {words}" if lines else words
        if lines and cell_len(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(words)
    return "\n".join(lines)
