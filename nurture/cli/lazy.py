"""A command group that loads a command when it is called: the front desk should not wait for what it does not use."""

from importlib import import_module

import click


class LazyGroup(click.Group):
    """Commands by name, each as the `module:attribute` where it stands."""

    def __init__(self, *, places: dict[str, str], **options: object) -> None:
        super().__init__(**options)  # type: ignore[arg-type]
        self._places = places

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names, in the order in which they were given."""
        return list(self._places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name, loaded."""
        place = self._places.get(cmd_name)
        if place is None:
            return None
        module, _, attribute = place.partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command
