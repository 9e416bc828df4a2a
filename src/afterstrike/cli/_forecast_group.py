"""`afterstrike forecast`: PANEL alone forecasts it; the other words are about questions and the ledger."""

from __future__ import annotations

from importlib import import_module

import click

from ._forecast_ledger import LEDGER_COMMANDS

__all__ = ["forecast"]

_RUN = "run"


class _Group(click.Group):
    """A group whose first word may be left out: what is no command is a panel to forecast."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the word in that was left out."""
        if args and args[0] not in (*self.commands, _RUN, *ctx.help_option_names):
            args = [_RUN, *args]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the commands, the forecast itself first."""
        return [_RUN, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Give a command; the forecast itself lives in a module of its own."""
        if cmd_name == _RUN:
            command: click.Command = import_module("afterstrike.cli.forecast").forecast
            return command
        return super().get_command(ctx, cmd_name)


@click.group(
    cls=_Group,
    epilog="Example: afterstrike forecast panel.csv --origin 2017-10 --horizons 3-14 -o draws.parquet",
)
def forecast() -> None:
    """Forecast counts with draws; put yes/no questions; keep and score what was issued.

    `afterstrike forecast PANEL` is short for `afterstrike forecast run PANEL`.
    """


for _command in LEDGER_COMMANDS:
    forecast.add_command(_command)
