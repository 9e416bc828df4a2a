"""`afterstrike effect series` and `afterstrike effect interrupted`: designs that look along time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from . import _effect_options as options

__all__ = ["interrupted", "series"]

_SERIES_EPILOG = """Horizons that cannot be estimated stay in the table and say why. Exit status 3: the rows
cannot carry a series, with the reason.

Example: afterstrike effect series syria.duckdb --treatment 'kind=strike;initiator=US-led coalition'
--outcome 'kind=attack;initiator=IS' --zones adm1 --days 7,14,30 -o out/"""
_INTERRUPTED_EPILOG = """There is no comparison group: what else changed at the date is in the number. Exit status
3: too little before the start, or nothing after it.

Example: afterstrike effect interrupted syria.duckdb --outcome 'kind=attack;initiator=IS' --start 2017-06-06
--end 2017-10-20 --region SYR -o out/"""


@click.command(epilog=_SERIES_EPILOG)
@options.EVENTS
@click.option("--treatment", required=True, metavar="ROWS", help=options.SELECTION)
@click.option("--outcome", required=True, metavar="ROWS", help="Rows that are counted, selected likewise.")
@options.ZONES
@options.BY
@click.option("--days", default="7,14,30", show_default=True, metavar="N,N", help="Horizons in whole days.")
@options.SEASON
@click.option("--trend", type=click.Choice(["zone", "common", "none"]), default="zone", show_default=True,
              help="Slow trend; the others stand in the checks.")  # fmt: skip
@click.option(
    "--trend-days", type=float, default=180, show_default=True, metavar="N", help="Days between its knots."
)
@options.GAPS
@options.COLUMN
@options.REGION
@options.PERIOD
@options.SEED
@options.JSON
@options.out_option("series")
def series(events: Path, treatment: str, outcome: str, zones: str | None, by: Any, days: str, season: Any, trend: Any,
           trend_days: float, gap_texts: Sequence[str], column_names: Sequence[str], region: str | None,
           period: str | None, seed: int, as_json: bool, out: Path | None) -> None:  # fmt: skip
    """Follow recorded attacks after strikes along time, by zone and week or day.

    EVENTS is a record (.duckdb), CSV, Parquet, JSON lines or GeoJSON. Rows whose date has no day are left out
    and counted.
    """
    horizons, columns = options.read_numbers("--days", days), options.read_columns(column_names)
    span, gaps = options.read_period(period), options.read_spans("--gap", gap_texts)
    from afterstrike.effects import series_from_file

    options.estimate_and_tell(
        events, "series", out, as_json,
        lambda progress: series_from_file(
            events, treatment=treatment, outcome=outcome, columns=columns, region=region, period=span,
            progress=progress, zones=options.read_zones(zones), by=by, days=horizons, season=season, trend=trend,
            trend_days=trend_days, gaps=gaps, seed=seed,
        ),
    )  # fmt: skip


@click.command(epilog=_INTERRUPTED_EPILOG)
@options.EVENTS
@click.option("--outcome", required=True, metavar="ROWS", help=options.SELECTION)
@click.option("--treatment", metavar="ROWS", help="Strike rows, for civilian harm and strikes' own events.")
@click.option("--start", required=True, metavar="DATE", help="First day of the campaign.")
@click.option("--end", metavar="DATE", help="Its last day; the end of the record if not said.")
@options.BY
@click.option("--days", metavar="N,N", help="Horizons from the start; the whole campaign is always given.")
@options.SEASON
@click.option("--trend", type=click.Choice(["line", "none"]), default="line", show_default=True,
              help="Trend before the start, carried forward.")  # fmt: skip
@click.option("--placebos", type=click.IntRange(0, 2000), default=200, show_default=True, metavar="N",
              help="Dates before the start that are tried as starts, at most.")  # fmt: skip
@options.GAPS
@options.COLUMN
@options.REGION
@options.PERIOD
@options.JSON
@options.out_option("interrupted")
def interrupted(events: Path, outcome: str, treatment: str | None, start: str, end: str | None, by: Any,
                days: str | None, season: Any, trend: Any, placebos: int, gap_texts: Sequence[str],
                column_names: Sequence[str], region: str | None, period: str | None, as_json: bool,
                out: Path | None) -> None:  # fmt: skip
    """Compare a dated campaign with the trend and season of the time before it.

    EVENTS is a record (.duckdb), CSV, Parquet, JSON lines or GeoJSON.
    """
    horizons, columns = (
        options.read_numbers("--days", days) if days else None,
        options.read_columns(column_names),
    )
    span, gaps = options.read_period(period), options.read_spans("--gap", gap_texts)
    from afterstrike.effects import interrupted_from_file

    options.estimate_and_tell(
        events, "interrupted", out, as_json,
        lambda progress: interrupted_from_file(
            events, outcome=outcome, treatment=treatment, columns=columns, region=region, period=span,
            progress=progress, start=start, end=end, by=by, days=horizons, season=season, trend=trend, gaps=gaps,
            placebos=placebos,
        ),
    )  # fmt: skip
