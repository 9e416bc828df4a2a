"""`afterstrike effect shifts`: on which days a record shifted; one call of a library function."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from . import _effect_options as options

__all__ = ["shifts"]

_EPILOG = """A shift in a record may be a shift in what was done or in how it was reported; no cause is
shown. The chance of any false shift is at most about --size over all series together. Exit status 3: fewer than 20
periods, or no events.

Example: afterstrike effect shifts syria.duckdb --outcome 'kind=attack;initiator=IS' --by week -o out/"""


@click.command(epilog=_EPILOG)
@options.EVENTS
@click.option("--outcome", required=True, metavar="ROWS", help=options.SELECTION)
@options.BY
@click.option("--series", default="tempo,place,lethality", show_default=True, metavar="A,B",
              help="What is tested: tempo, place (centre and spread), lethality.")  # fmt: skip
@click.option("--size", type=float, default=0.05, show_default=True, help="Chance of any false shift.")
@options.SEASON
@options.GAPS
@click.option(
    "--deaths", default="fatalities_best", show_default=True, metavar="NAME", help="Column of deaths."
)
@options.COLUMN
@options.REGION
@options.PERIOD
@click.option("--redraws", type=int, default=999, show_default=True, help="Series drawn for each test.")
@options.SEED
@options.JSON
@options.out_option("shifts")
def shifts(events: Path, outcome: str, by: Any, series: str, size: float, season: Any, gap_texts: Sequence[str],
           deaths: str, column_names: Sequence[str], region: str | None, period: str | None, redraws: int,
           seed: int, as_json: bool, out: Path | None) -> None:  # fmt: skip
    """Find the days on which a record shifted in tempo, place or lethality.

    EVENTS is a record (.duckdb), CSV, Parquet, JSON lines or GeoJSON. Rows whose date has no day are left out
    and counted.
    """
    columns, span = options.read_columns(column_names), options.read_period(period)
    gaps = options.read_spans("--gap", gap_texts)
    from afterstrike.effects import shifts_from_file

    options.estimate_and_tell(
        events, "shifts", out, as_json,
        lambda progress: shifts_from_file(
            events, outcome=outcome, columns=columns, region=region, progress=progress, by=by,
            series=options.read_names(series), size=size, season=season, gaps=gaps, deaths=deaths, period=span,
            redraws=redraws, seed=seed,
        ),
    )  # fmt: skip
