"""The command line: parse, call one library method, print. Results on stdout, progress and logs on stderr."""

from __future__ import annotations

import importlib
import os
import traceback

import click

from afterstrike import __version__
from afterstrike.errors import AfterstrikeError

__all__ = ["cli", "main"]

# verb -> (module that holds it, attribute, one line for `afterstrike --help`, so that help imports nothing)
VERBS: dict[str, tuple[str, str, str]] = {
    "backtest": ("afterstrike.cli.backtest", "backtest", "How forecasts of a panel would have done."),
    "brief": ("afterstrike.cli.brief", "brief", "Hold an article against the record; write one HTML file."),
    "effect": ("afterstrike.cli.effect", "effect", "Estimate what followed strikes."),
    "fetch": ("afterstrike.cli.fetch", "fetch", "Get event data, boundaries, places, feeds."),
    "forecast": ("afterstrike.cli.forecast", "forecast", "Forecast counts, with draws that can be scored."),
    "incidents": (
        "afterstrike.cli.incidents",
        "incidents",
        "Bring reports of one event together; grade them.",
    ),
    "lull": ("afterstrike.cli.lull", "lull", "Every estimator beside each other on one study."),
    "read": ("afterstrike.cli.read", "read", "Read reports into claims, events and places."),
    "record": (
        "afterstrike.cli.record",
        "record",
        "Keep sourced events in one file.",
    ),
    "scenario": ("afterstrike.cli.scenario", "scenario", "Run what-if scenarios on a dated world."),
    "serve": ("afterstrike.cli.serve", "serve", "Show a record in the browser."),
    "watch": ("afterstrike.cli.watch", "watch", "Follow sources into a record; tell in a digest."),
    "world": ("afterstrike.cli.world", "world", "Dated, sourced worlds of the containment model."),
}


class LazyGroup(click.Group):
    """A group whose verbs are imported only when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the verbs in alphabetical order."""
        return sorted(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of one verb and give its command; None for an unknown verb."""
        if cmd_name not in VERBS:
            return None
        module, attribute, _ = VERBS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of verbs without importing any of them."""
        with formatter.section("Verbs"):
            formatter.write_dl([(verb, VERBS[verb][2]) for verb in self.list_commands(ctx)])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="afterstrike")
def cli() -> None:
    """From a report of a strike to what the evidence says came after.

    Exit status: 0 done, 1 a defect of ours, 2 bad input or usage, 3 estimate refused (with the reason).
    """


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and give its exit status.

    Parameters
    ----------
    arguments : list of str, optional
        What follows `afterstrike`; by default what the shell gave.

    Returns
    -------
    int
        0 done, 1 a defect of ours, 2 bad input or usage, 3 refused.

    Examples
    --------
    >>> main(["--version"])  # doctest: +ELLIPSIS
    afterstrike, version ...
    0
    """
    try:
        result = cli.main(args=arguments, prog_name="afterstrike", standalone_mode=False)
        # click hands back what the command returned, or the status given to ctx.exit()
        return result if isinstance(result, int) else 0
    except click.exceptions.Abort:
        return _say("stopped", 130)
    except click.ClickException as problem:
        problem.show()
        return problem.exit_code
    except AfterstrikeError as problem:
        _debug()
        return _say(f"{type(problem).__name__}: {problem}", problem.exit_code)
    except SystemExit as stop:
        # click ends so, with 1, where the reader of our output (say `head`) has gone: nothing is wrong then
        return 0 if stop.code == 1 else int(stop.code or 0)
    except KeyboardInterrupt:
        return _say("stopped", 130)
    except Exception as problem:
        _debug()
        first = str(problem).strip().splitlines()[0] if str(problem).strip() else "no message"
        return _say(
            f"a defect of afterstrike {__version__}: {type(problem).__name__}: {first}. "
            "Please report it with the command you gave and the output of the same command "
            "run with AFTERSTRIKE_DEBUG=1.",
            1,
        )


def _say(message: str, status: int) -> int:
    """Write one line to stderr and give the status."""
    click.echo(" ".join(message.split("\n")), err=True)
    return status


def _debug() -> None:
    """Show the traceback only to those who ask for it."""
    if os.environ.get("AFTERSTRIKE_DEBUG") == "1":
        traceback.print_exc()
