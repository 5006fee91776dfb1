"""A command group that loads a command when it is called: the front desk should not wait for what it does not use."""

import gc
from importlib import import_module

import click


class LazyGroup(click.Group):
    """Commands by name: the `module:attribute` of the package where each stands, and the line that help says of it.

    Help is asked for more often than anything else, and would load every module for one line of each. A test holds
    these lines against what the commands say of themselves.
    """

    def __init__(self, *, package: str, places: dict[str, tuple[str, str]], **options: object) -> None:
        # Click looks among their names for what a mistyped one may have meant; what stands behind them it asks below.
        names = dict.fromkeys(name for name, (_, line) in places.items() if line)
        super().__init__(commands=names, **options)  # type: ignore[arg-type]
        self._package, self._places = package, places

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names, in the order in which they were given."""
        return list(self._places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name, loaded."""
        if cmd_name not in self._places:
            return None
        module, _, attribute = self._places[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(f"{self._package}.{module}"), attribute)
        if not gc.isenabled() and not isinstance(command, LazyGroup):
            # All is loaded (see `main`): from here on garbage is looked for, but not among that.
            gc.freeze()
            gc.enable()
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The names and their lines, none of them loaded."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in self._places.items() if line])
