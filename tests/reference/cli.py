"""Every command, as `--help` tells it."""

import inspect
from collections.abc import Iterator

import click

from nurture.cli import nurture
from nurture.cli.entry import MACHINE, REFUSED
from tests.reference.markdown import code, page, table

HEAD = f"""\
Every reading command takes `--json`; times in JSON are ISO 8601 with offset. `-v` before the command logs what happens, with
ids and never with addresses. WHO is an address, a lead's number or a phone; WHICH is a visit's number, or a lead's address or
phone.

Exit code 0: done. {REFUSED}: refused, or a check that found a fault. 2: usage. {MACHINE}: the machine is in the way (a database that
does not answer, a full disk, a port that is taken, a file out of reach). Either way one sentence says what happened, what did
not change and what to do next. A mistyped command is told the nearest right one."""


def commands(
    group: click.Group = nurture, words: tuple[str, ...] = ("nurture",)
) -> Iterator[tuple[str, click.Command]]:
    """Every command that is not hidden, by the words that call it."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*words, name))
        elif not command.hidden:
            yield " ".join((*words, name)), command


def cli() -> str:
    known = list(commands())
    listed = table(
        ("command", "what it does"), ([f"[`{words}`](#{_anchor(words)})", _first(command)] for words, command in known)
    )
    return page("The commands", HEAD, listed, *(_section(words, command) for words, command in known))


def _section(words: str, command: click.Command) -> str:
    context = click.Context(command, info_name=words)
    usage = " ".join([words, *command.collect_usage_pieces(context)])
    records = [param.get_help_record(context) for param in command.params if isinstance(param, click.Option)]
    options = table(("option", "what it says"), ([code(option), words] for option, words in filter(None, records)))
    return "\n\n".join([f"## {words}", f"    {usage}", _help(command), *([options] if any(records) else [])])


def _anchor(words: str) -> str:
    return words.replace(" ", "-")


def _first(command: click.Command) -> str:
    return _help(command).partition("\n\n")[0]


def _help(command: click.Command) -> str:
    return inspect.cleandoc(command.help or "").strip()
