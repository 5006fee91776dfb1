"""What is said beside a command's answer, on standard error: refusals, questions and warnings, easy to read there.

A terminal would break a line in the middle of a word. It is broken between words instead, and never within what
somebody may want to copy: an address, a link, or a command with what follows it.
"""

import os
import re
import sys

import click

# What a terminal has that does not tell its width.
_USUAL = 80
# A command goes as far as its name, its options, and what looks like a value of them.
_VALUE = r"--?[a-z][\w-]*|\.\.\.|[A-Z]{2,}\b|'[^']*'|[^\s,;]*[\d@][^\s,;]*"
_WHOLE = re.compile(rf"(?:`[^`]*`|nurture [a-z-]+(?: [a-z-]+)?(?: (?:{_VALUE}))*|\S)+")


def say(sentence: str) -> None:
    """The sentence is on standard error."""
    click.echo(for_terminal(sentence), err=True)


def for_terminal(sentence: str) -> str:
    """The sentence in lines that fit the terminal behind standard error; a log or a pipe has it as it is."""
    if not sys.stderr.isatty():
        return sentence
    return wrapped(sentence, os.get_terminal_size(sys.stderr.fileno()).columns or _USUAL)


def wrapped(sentence: str, width: int) -> str:
    """The sentence in lines of at most `width` columns, wider only where one thing that stays whole is."""
    # It takes longer to load than most commands have to say anything.
    from rich.cells import cell_len  # noqa: PLC0415

    lines = list[str]()
    for line in sentence.split("\n"):
        whole = [line] if cell_len(line) <= width else _WHOLE.findall(line)
        lines += whole[:1] or [""]
        for words in whole[1:]:
            longer = f"{lines[-1]} {words}"
            lines[-1:] = [longer] if cell_len(longer) <= width else [lines[-1], words]
    return "\n".join(lines)
