"""`afterstrike effect shifts`: on which days a record shifted; one call of a library function."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from ._progress import progress_on_stderr

__all__ = ["shifts"]

_EPILOG = """A shift in a record may be a shift in what was done or in how it was reported; no cause is
shown. The chance of any false shift is at most about --level over all series together. Exit status 3: fewer than 20
periods, or no events.

Example: afterstrike effect shifts syria.duckdb --outcome 'kind=attack;initiator=IS' --by week -o out/"""


@click.command(epilog=_EPILOG)
@click.argument("events", type=click.Path(path_type=Path))
@click.option(
    "--outcome", required=True, metavar="ROWS", help="A kind, or conditions as 'kind=attack;initiator=IS'."
)
@click.option("--by", type=click.Choice(["week", "day"]), default="week", show_default=True)
@click.option("--series", default="tempo,place,lethality", show_default=True, metavar="A,B",
              help="What is tested: tempo, place (centre and spread), lethality.")  # fmt: skip
@click.option("--level", type=float, default=0.05, show_default=True, help="Chance of any false shift.")
@click.option("--season", type=click.Choice(["auto", "year", "none"]), default="auto", show_default=True,
              help="Take a yearly wave out; auto does from two years on.")  # fmt: skip
@click.option("--not-covered", "gaps", multiple=True, metavar="A/B",
              help="First and last day of a span the source has no data for; may be repeated.")  # fmt: skip
@click.option(
    "--deaths", default="fatalities_best", show_default=True, metavar="NAME", help="Column of deaths."
)
@click.option("--column", "column_names", multiple=True, metavar="WHAT=NAME",
              help="Which column is time, lat, lon or kind; may be repeated.")  # fmt: skip
@click.option("--region", metavar="AREA", help="ISO3 code, west,south,east,north, or a GeoJSON file.")
@click.option("--period", metavar="A/B", help="First and last day, both inclusive.")
@click.option("--redraws", type=int, default=999, show_default=True, help="Series drawn for each test.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of words.")
@click.option("-o", "--out", metavar="FOLDER", type=click.Path(path_type=Path),
              help="Where shifts.csv, .json, .txt, .png, .svg and .html go; else only print.")  # fmt: skip
def shifts(events: Path, outcome: str, by: Any, series: str, level: float, season: Any, gaps: Sequence[str],
           deaths: str, column_names: Sequence[str], region: str | None, period: str | None, redraws: int,
           seed: int, as_json: bool, out: Path | None) -> None:  # fmt: skip
    """Find the days on which a record shifted in tempo, place or lethality.

    EVENTS is a record (.duckdb), CSV, Parquet, JSON lines or GeoJSON. Rows whose date has no day are left out
    and counted.
    """
    from .effect import _columns, _names, _period, _span

    columns, span = _columns(column_names), _period(period)
    not_covered = [_span("--not-covered", gap) for gap in gaps]
    from afterstrike.effects import shifts_from_file
    from afterstrike.effects._save import check_folder, report_text, result_dict, save_effect

    if out is not None:
        check_folder(out)
    with progress_on_stderr(events.name) as progress:
        result = shifts_from_file(
            events, outcome=outcome, columns=columns, region=region, progress=progress, by=by,
            series=_names(series), level=level, season=season, not_covered=not_covered, deaths=deaths,
            period=span, redraws=redraws, seed=seed,
        )  # fmt: skip
        progress("writing")
        files = save_effect(result, out, "shifts") if out is not None else []
    click.echo(
        json.dumps(result_dict(result), ensure_ascii=False, indent=1) if as_json else report_text(result)
    )
    for path in files:
        click.echo(f"wrote {path}", err=True)
