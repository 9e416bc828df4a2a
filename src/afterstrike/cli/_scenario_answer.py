"""`afterstrike scenario answer`: the questions an article about strikes asks, each with its output."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from ._progress import progress_on_stderr

__all__ = ["answer"]


@click.command(epilog="Example: afterstrike scenario answer --world feb2026 -o out/")
@click.option(
    "--world", default="feb2026", show_default=True, metavar="NAME|FILE", help="The dated world to run."
)
@click.option("--until", metavar="DATE", help="Last day; the end of 2028 if not said.")
@click.option("--members", type=click.IntRange(min=2), default=800, show_default=True,
              help="Runs of each of four scenarios, a multiple of --repeats.")  # fmt: skip
@click.option(
    "--repeats", type=click.IntRange(min=1), default=2, show_default=True, help="Runs of each prior draw."
)
@click.option("--drivers", "drivers_n", type=click.IntRange(min=0), default=128, show_default=True, metavar="N",
              help="Base draws for what drives the spread, a power of two from 64; 0: leave that open.")  # fmt: skip
@click.option("--costs", metavar="FILE", help="Unit costs with sources (TOML).")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option(
    "--jobs", type=int, default=-1, show_default=True, metavar="N", help="Threads; -1: all processors."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of words.")
@click.option("-o", "--out", type=click.Path(path_type=Path), metavar="FOLDER",
              help="Where answers.csv, answers.json and answers.md go; else only print.")  # fmt: skip
def answer(
    world: str, until: str | None, members: int, repeats: int, drivers_n: int, costs: str | None, seed: int, jobs: int,
    as_json: bool, out: Path | None,
) -> None:  # fmt: skip
    """Answer what an article about strikes asks of the model.

    Do strikes buy a lull, how fast does it fade, what of recruitment, custody, seams, repatriation, the years ahead
    and costs: each with one named output and what it rests on, or with the reason why public data cannot tell.
    """
    from afterstrike.brief._save import save_all
    from afterstrike.containment import answer_questions
    from afterstrike.effects._save import check_folder

    if out is not None:
        check_folder(out)
    with progress_on_stderr("answers") as progress:
        found = answer_questions(
            world, until=until, members=members, repeats=repeats, drivers_n=drivers_n, costs=costs, seed=seed, jobs=jobs,
            progress=progress,
        )  # fmt: skip
    told = {
        "world": found.world.name,
        "as_of": found.world.as_of.isoformat(),
        "answers": [asdict(one) for one in found.answers],
    }
    text = json.dumps(told, ensure_ascii=False, indent=1)
    if out is not None:
        files = {
            "answers.csv": found.to_frame().to_csv(index=False).encode(),
            "answers.json": (text + "\n").encode(),
            "answers.md": (found.summary() + "\n").encode(),
        }
        for path in save_all(out, files):
            click.echo(f"wrote {path}", err=True)
    click.echo(text if as_json else found.summary())
