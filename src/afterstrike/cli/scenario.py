"""`afterstrike scenario`: what follows from stated assumptions; each command is one call of a library function."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click

from ._progress import progress_on_stderr
from ._scenario_answer import answer

__all__ = ["scenario"]

_EPILOG = """A change is `FROM[..UNTIL] LEVER OP VALUE [at PLACE]`, as in `start+90d strikes x 0.5` or
`start..2026-12-31 coordination = 1 at a/b`. The first scenario is the one that the others are held against.

Example: afterstrike scenario run strikes_only repatriate --world feb2026 -o out/"""


@click.group()
def scenario() -> None:
    """Run what-if scenarios on a dated world."""


@scenario.command(epilog=_EPILOG)
@click.argument("presets", nargs=-1, required=True, metavar="PRESET|FILE...")
@click.option(
    "--world", default="feb2026", show_default=True, metavar="NAME|FILE", help="The dated world to run."
)
@click.option("--until", metavar="DATE", help="Last day; the end of 2028 if not said.")
@click.option("--members", type=click.IntRange(min=1), default=2000, show_default=True,
              help="Runs of each scenario, a multiple of --repeats.")  # fmt: skip
@click.option(
    "--repeats", type=click.IntRange(min=1), default=10, show_default=True, help="Runs of each prior draw."
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--set", "changes", multiple=True, metavar="LINE", help="A further change; may be repeated.")
@click.option(
    "--costs", type=click.Path(path_type=Path), metavar="FILE", help="Unit costs with sources (TOML)."
)
@click.option("--drivers", "drivers_n", type=click.IntRange(min=0), default=256, show_default=True, metavar="N",
              help="Base draws for what drives the spread, a power of two from 64; 0: leave it out.")  # fmt: skip
@click.option(
    "--jobs", type=int, default=-1, show_default=True, metavar="N", help="Processors to use; -1: all."
)
@click.option(
    "--cluster", metavar="ADDRESS", help="Run on a Dask scheduler instead, as tcp://127.0.0.1:8786."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of words.")
@click.option("-o", "--out", type=click.Path(path_type=Path), metavar="FOLDER",
              help="Where tables, draws, figures and the page go; else only print.")  # fmt: skip
def run(presets: Sequence[str], world: str, until: str | None, members: int, repeats: int, seed: int,
        changes: Sequence[str], costs: Path | None, drivers_n: int, jobs: int, cluster: str | None, as_json: bool,
        out: Path | None) -> None:  # fmt: skip
    """Run scenarios with the same draws and the same chance, and compare them.

    What comes out follows from what the world and the scenarios assume. No order of two scenarios is told where it
    flips in more than 20 % of prior draws.
    """
    from afterstrike.containment import run_scenarios
    from afterstrike.containment._save import result_dict
    from afterstrike.effects._save import check_folder

    if out is not None:
        check_folder(out)
    with progress_on_stderr("scenarios") as progress:
        result = run_scenarios(
            presets, world=world, until=until, members=members, repeats=repeats, seed=seed, changes=changes,
            costs=costs, drivers_n=drivers_n, jobs=jobs, cluster=cluster, progress=progress,
        )  # fmt: skip
        progress("drawing and writing")
        files = result.save(out) if out is not None else []
    click.echo(json.dumps(result_dict(result), ensure_ascii=False, indent=1) if as_json else result.summary())
    for path in files:
        click.echo(f"wrote {path}", err=True)


@scenario.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of words.")
def list_scenarios(as_json: bool) -> None:
    """List the shipped scenarios."""
    from afterstrike.containment import load_scenario, scenarios

    found = [load_scenario(name) for name in scenarios()]
    if as_json:
        click.echo(json.dumps([{"name": one.name, "title": one.title} for one in found], indent=1))
        return
    width = max(len(one.name) for one in found)
    for one in found:
        click.echo(f"{one.name:<{width}}  {one.title}")


@scenario.command()
@click.argument("preset", metavar="PRESET|FILE")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of words.")
def show(preset: str, as_json: bool) -> None:
    """Show what a scenario changes, and what it takes for granted."""
    from afterstrike.containment import load_scenario

    one = load_scenario(preset)
    if as_json:
        told = {"name": one.name, "title": one.title, "note": one.note, "changes": one.lines,
                "assumptions": one.assumptions, "sources": one.sources, "worlds": one.worlds}  # fmt: skip
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    click.echo(f"{one.name}: {one.title}\n\n{one.note}\n")
    click.echo("Changes: none; the world as its file states it." if not one.lines else "Changes:")
    for line in one.lines:
        click.echo(f"  {line}")
    for title, lines in (("Takes for granted:", one.assumptions), ("Rests on:", one.sources)):
        if lines:
            click.echo(title)
        for line in lines:
            click.echo(f"  {line}")
    if one.worlds:
        click.echo(f"For the world: {', '.join(one.worlds)}")


scenario.add_command(answer)
