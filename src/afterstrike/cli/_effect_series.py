"""`afterstrike effect series` and `afterstrike effect interrupted`: designs that look along time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from afterstrike.errors import UsageError

from ._progress import progress_on_stderr

__all__ = ["interrupted", "series"]

_SELECTION = "A kind, or conditions as 'kind=strike;initiator=US-led coalition'."
_COLUMN = click.option("--column", "column_names", multiple=True, metavar="WHAT=NAME",
                       help="Which column is time, lat, lon or kind; may be repeated.")  # fmt: skip
_REGION = click.option(
    "--region", metavar="AREA", help="ISO3 code, west,south,east,north, or a GeoJSON file."
)
_PERIOD = click.option("--period", metavar="A/B", help="First and last day, both inclusive.")
_GAPS = click.option("--gap", "gap_texts", multiple=True, metavar="A/B",
                     help="First and last day without a record; may be repeated.")  # fmt: skip
_BY = click.option("--by", type=click.Choice(["week", "day"]), default="week", show_default=True)
_SEASON = click.option(
    "--season", type=click.Choice(["auto", "year", "none"]), default="auto", show_default=True
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of words.")


@click.command(
    epilog="""Horizons that cannot be estimated stay in the table and say why. Exit status 3: the rows
cannot carry a series, with the reason.

Example: afterstrike effect series syria.duckdb --treatment 'kind=strike;initiator=US-led coalition'
--outcome 'kind=attack;initiator=IS' --zones adm1 --days 7,14,30 -o out/"""
)
@click.argument("events", type=click.Path(path_type=Path))
@click.option("--treatment", required=True, metavar="ROWS", help=_SELECTION)
@click.option("--outcome", required=True, metavar="ROWS", help="Rows that are counted, selected likewise.")
@click.option("--zones", metavar="NAME|KM", help="A column that names the zone, or the side of cells in km; one zone if "
              "not said.")  # fmt: skip
@_BY
@click.option("--days", default="7,14,30", show_default=True, metavar="N,N", help="Horizons in whole days.")
@_SEASON
@click.option("--trend", type=click.Choice(["zone", "common", "none"]), default="zone", show_default=True,
              help="Slow trend; the others stand in the checks.")  # fmt: skip
@click.option(
    "--trend-days", type=float, default=180, show_default=True, metavar="N", help="Days between its knots."
)
@_GAPS
@_COLUMN
@_REGION
@_PERIOD
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@_JSON
@click.option("-o", "--out", metavar="FOLDER", type=click.Path(path_type=Path),
              help="Where series.csv, .json, .txt, .png, .svg and .html go; else only print.")  # fmt: skip
def series(events: Path, treatment: str, outcome: str, zones: str | None, by: Any, days: str, season: Any, trend: Any,
           trend_days: float, gap_texts: Sequence[str], column_names: Sequence[str], region: str | None,
           period: str | None, seed: int, as_json: bool, out: Path | None) -> None:  # fmt: skip
    """Follow recorded attacks after strikes along time, by zone and week or day.

    EVENTS is a record (.duckdb), CSV, Parquet, JSON lines or GeoJSON. Rows whose date has no day are left out
    and counted.
    """
    from .effect import _columns, _numbers, _period

    columns, span, gaps = _columns(column_names), _period(period), _gaps(gap_texts)
    horizons, where = _numbers("--days", days), _zones(zones)
    from afterstrike.effects import series_from_file

    with progress_on_stderr(events.name) as progress:
        _check(out)
        result = series_from_file(
            events, treatment=treatment, outcome=outcome, columns=columns, region=region, period=span,
            progress=progress, zones=where, by=by, days=horizons, season=season, trend=trend, trend_days=trend_days,
            gaps=gaps, seed=seed,
        )  # fmt: skip
        progress("writing")
        files = _save(result, out, "series")
    _print(result, files, as_json)


@click.command(
    epilog="""There is no comparison group: what else changed at the date is in the number. Exit status
3: too little before the start, or nothing after it.

Example: afterstrike effect interrupted syria.duckdb --outcome 'kind=attack;initiator=IS' --start 2017-06-06
--end 2017-10-20 --region SYR -o out/"""
)
@click.argument("events", type=click.Path(path_type=Path))
@click.option("--outcome", required=True, metavar="ROWS", help=_SELECTION)
@click.option("--treatment", metavar="ROWS", help="Strike rows, for civilian harm and strikes' own events.")
@click.option("--start", required=True, metavar="DATE", help="First day of the campaign.")
@click.option("--end", metavar="DATE", help="Its last day; the end of the record if not said.")
@_BY
@click.option("--days", metavar="N,N", help="Horizons from the start; the whole campaign is always given.")
@_SEASON
@click.option("--trend", type=click.Choice(["line", "none"]), default="line", show_default=True,
              help="Trend before the start, carried forward.")  # fmt: skip
@click.option("--placebos", type=click.IntRange(0, 2000), default=200, show_default=True, metavar="N",
              help="Dates before the start that are tried as starts, at most.")  # fmt: skip
@_GAPS
@_COLUMN
@_REGION
@_PERIOD
@_JSON
@click.option("-o", "--out", metavar="FOLDER", type=click.Path(path_type=Path),
              help="Where interrupted.csv, .json, .txt, .png, .svg and .html go; else only print.")  # fmt: skip
def interrupted(events: Path, outcome: str, treatment: str | None, start: str, end: str | None, by: Any,
                days: str | None, season: Any, trend: Any, placebos: int, gap_texts: Sequence[str],
                column_names: Sequence[str], region: str | None, period: str | None, as_json: bool,
                out: Path | None) -> None:  # fmt: skip
    """Compare a dated campaign with the trend and season of the time before it.

    EVENTS is a record (.duckdb), CSV, Parquet, JSON lines or GeoJSON.
    """
    from .effect import _columns, _numbers, _period

    columns, span, gaps = _columns(column_names), _period(period), _gaps(gap_texts)
    horizons = _numbers("--days", days) if days else None
    from afterstrike.effects import interrupted_from_file

    with progress_on_stderr(events.name) as progress:
        _check(out)
        result = interrupted_from_file(
            events, outcome=outcome, treatment=treatment, columns=columns, region=region, period=span,
            progress=progress, start=start, end=end, by=by, days=horizons, season=season, trend=trend, gaps=gaps,
            placebos=placebos,
        )  # fmt: skip
        progress("writing")
        files = _save(result, out, "interrupted")
    _print(result, files, as_json)


def _zones(text: str | None) -> str | float | None:
    """Read a name of a column, or km."""
    if text is None:
        return None
    try:
        return float(text)
    except ValueError:
        return text


def _gaps(texts: Sequence[str]) -> list[tuple[str, str]]:
    """Read 2016-07-01/2016-07-14."""
    found = []
    for text in texts:
        first, slash, last = text.partition("/")
        if not slash or not first or not last:
            raise UsageError(f"--gap {text!r} is no stretch of days; write it as --gap 2016-07-01/2016-07-14")
        found.append((first, last))
    return found


def _check(out: Path | None) -> None:
    from afterstrike.effects._save import check_folder

    if out is not None:
        check_folder(out)


def _save(result: Any, out: Path | None, stem: str) -> list[Path]:
    from afterstrike.effects._save import save_effect

    return save_effect(result, out, stem) if out is not None else []


def _print(result: Any, files: Sequence[Path], as_json: bool) -> None:
    from afterstrike.effects._save import report_text, result_dict

    click.echo(
        json.dumps(result_dict(result), ensure_ascii=False, indent=1) if as_json else report_text(result)
    )
    for path in files:
        click.echo(f"wrote {path}", err=True)
