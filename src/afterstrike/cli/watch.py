"""`afterstrike watch`: follow sources into a record; each verb is one call of the library."""

from __future__ import annotations

import json
import signal
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .record import json_option

if TYPE_CHECKING:
    from afterstrike.watch import Round, WatchConfig

__all__ = ["watch"]


class _RunsByDefault(click.Group):
    """A group that takes a file for its verb `run`: `afterstrike watch watch.yaml`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `run` in front where the first word is none of the verbs."""
        named = args[0] if args else ""
        is_option = named.startswith("-")
        if len(args) > 1 and not (is_option or named in self.commands or args[1].startswith("-")):
            import difflib

            near = difflib.get_close_matches(named, self.commands, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(self.commands)}."
            raise click.UsageError(f"no such command {named!r}; {hint}", ctx)
        if args and args[0] not in self.commands and args[0] not in ("-h", "--help"):
            args = ["run", *args]
        return super().parse_args(ctx, args)


file_argument = click.argument("file", type=click.Path(path_type=Path))


@click.group(cls=_RunsByDefault, invoke_without_command=False)
def watch() -> None:
    """Follow sources into a record: poll politely, archive, read, bring into incidents, tell in a digest.

    `afterstrike watch FILE` is `afterstrike watch run FILE`. Safe to stop or kill at any moment.

    Example: afterstrike watch init watch.yaml ; afterstrike watch watch.yaml --once
    """


@watch.command()
@click.argument("file", type=click.Path(path_type=Path), default="watch.yaml")
def init(file: Path) -> None:
    """Write an example with comments to FILE (default: watch.yaml).

    A file that is there is left as it is.
    """
    from importlib.resources import files

    from afterstrike.errors import UsageError

    example = files("afterstrike.watch").joinpath("example.yaml").read_text(encoding="utf-8")
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(example)
    except FileExistsError:
        raise UsageError(f"{file} is there already and is left as it is; name another file") from None
    except OSError as problem:
        raise UsageError(
            f"{file} cannot be written ({problem.strerror}); name a file in a folder of yours"
        ) from None
    click.echo(f"Wrote {file}. Put your sources in, then: afterstrike watch check {file}")


@watch.command()
@file_argument
@json_option
def check(file: Path, as_json: bool) -> None:
    """Say whether FILE can be used, and what it comes to.

    Nothing is asked of the network. Exit status 2 where the file has faults; all of them are named.
    """
    from afterstrike.watch import load_watch
    from afterstrike.watch._series import Area, series_of

    config = load_watch(file)
    areas = [Area.named(name) for name in config.places]
    unknown = [area.name for area in areas if not area.is_known]
    found: dict[str, Any] = {
        "sources": len(config.sources), "record": str(config.record), "archive": str(config.archive),
        "series": [one.name for one in series_of(config)], "places_not_known": unknown,
        "digest": str(config.digest.folder) if config.digest else None,
    }  # fmt: skip
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for name in unknown:
        click.echo(f"The place {name!r} is not known to the gazetteer and counts for nothing.", err=True)
    per_day = sum(1440 / source.every_minutes for source in config.sources)
    count = len(config.sources)
    click.echo(
        f"{file} can be used: {count} source{'s' * (count != 1)}, about {per_day:,.0f} requests a day for their lists."
    )
    click.echo(f"Record {config.record}, archive {config.archive}, digest {found['digest'] or 'none'}.")
    click.echo(f"Tempo of {len(found['series'])} series: {'; '.join(found['series'])}.")
    for area in areas:
        if area.is_known:
            click.echo(f"Place {area.name}: {area.in_words()}.")


@watch.command()
@file_argument
@click.option("--once", is_flag=True, help="Do what is due now and end; for cron.")
@json_option
def run(file: Path, once: bool, as_json: bool) -> None:
    """Watch the sources of FILE, until stopped or --once.

    Sources that cannot be reached are reported and tried again; they are no failure. Exit status 2 means that
    FILE has faults, or that another watch holds the record.
    """
    from afterstrike.watch import Watch, load_watch

    config: WatchConfig = load_watch(file)
    made = Watch(config, log=lambda line: click.echo(line, err=True))

    def stop(number: int, frame: object) -> None:
        click.echo("Ending; a second time ends at once.", err=True)
        made.stop()
        signal.signal(number, signal.SIG_DFL)

    before = [(number, signal.signal(number, stop)) for number in (signal.SIGINT, signal.SIGTERM)]
    try:
        if once:
            _say(made.once(), as_json)
        else:
            made.run()
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def _say(rounds: list[Round], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps([asdict(one) for one in rounds], ensure_ascii=False, indent=2))
        return
    for one in rounds:
        click.echo(one.summary())
