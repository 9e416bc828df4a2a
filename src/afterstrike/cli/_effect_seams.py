"""`afterstrike effect seams`: recorded attacks by exposure to borders between control zones."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from ._progress import progress_on_stderr

__all__ = ["seams"]

_EPILOG = """The result is an association within zones, not an effect, and never a map: no place is ranked or
drawn. Fewer than 8 zones, or an exposure that hardly varies within them, is refused (exit status 3). With one zone
(shares of a whole region) it is a series along time, and says what that cannot tell.

Example: afterstrike effect seams syria.duckdb --outcome 'kind=attack;initiator=IS' --control control.geojson
--zones governorates.geojson --carry-forward-days 14 -o out/"""


@click.command(epilog=_EPILOG)
@click.argument("events", type=click.Path(path_type=Path))
@click.option("--outcome", required=True, metavar="ROWS",
              help="Rows that are counted: a kind, or conditions as 'kind=attack;initiator=IS'.")  # fmt: skip
@click.option("--control", metavar="FILE", type=click.Path(path_type=Path),
              help="Dated areas of control, GeoJSON with a party and a date, or valid_from and valid_to.")  # fmt: skip
@click.option("--shares", metavar="FILE", type=click.Path(path_type=Path),
              help="Shares of the ground by party instead, CSV: one row a day (and zone), one column a party.")  # fmt: skip
@click.option("--zones", metavar="FILE|COLUMN",
              help="With --control: GeoJSON of zones. With --shares: the column of zones; else one zone.")  # fmt: skip
@click.option("--by", type=click.Choice(["week", "month"]), default="week", show_default=True)
@click.option("--measure", type=click.Choice(["density", "share"]), default="density", show_default=True,
              help="km of border per 100 km2, or shares of a zone's borders (moved by coordination only).")  # fmt: skip
@click.option("--contact-km", type=click.FloatRange(0, 50), default=1.0, show_default=True,
              help="Widest gap between outlines across which parties still meet.")  # fmt: skip
@click.option("--carry-forward-days", type=click.IntRange(0, 366), default=0, show_default=True,
              help="Days without a map take the last one up to so many days old.")  # fmt: skip
@click.option("--coordination", metavar="FILE", type=click.Path(path_type=Path),
              help="CSV: party_1, party_2, coordination (0 to 1), valid_from, valid_to. Your assumptions.")  # fmt: skip
@click.option("--property", "property_names", multiple=True, metavar="WHAT=NAME",
              help="Which property is party, date, valid_from, valid_to or zone; may be repeated.")  # fmt: skip
@click.option("--time-zone", default="UTC", show_default=True, metavar="NAME",
              help="Of the days of --shares, as Asia/Damascus.")  # fmt: skip
@click.option(
    "--model", type=click.Choice(["poisson", "negative_binomial"]), default="poisson", show_default=True
)
@click.option("--column", "column_names", multiple=True, metavar="WHAT=NAME",
              help="Which column of EVENTS is time, lat, lon or kind; may be repeated.")  # fmt: skip
@click.option("--region", metavar="AREA", help="ISO3 code, west,south,east,north, or a GeoJSON file.")
@click.option("--period", metavar="A/B", help="First and last day, both inclusive.")
@click.option("--placebos", type=click.IntRange(0, 9999), default=199, show_default=True, metavar="N",
              help="Times that borders are given to other zones.")  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of words.")
@click.option("-o", "--out", metavar="FOLDER", type=click.Path(path_type=Path),
              help="Where seams.csv, .json, .txt, .png, .svg and .html go; else only print.")  # fmt: skip
def seams(events: Path, outcome: str, control: Path | None, shares: Path | None, zones: str | None, by: Any,
          measure: Any, contact_km: float, carry_forward_days: int, coordination: Path | None,
          property_names: Sequence[str], time_zone: str, model: Any, column_names: Sequence[str],
          region: str | None, period: str | None, placebos: int, seed: int, as_json: bool,
          out: Path | None) -> None:  # fmt: skip
    """Compare recorded attacks by exposure to borders between parties, within zones over time.

    EVENTS is a record (.duckdb), CSV, Parquet, JSON lines or GeoJSON. Rows whose date or place is too coarse
    for the zone and period are left out and counted.
    """
    from .effect import _columns, _period

    columns, properties, span = (
        _columns(column_names),
        _columns(property_names, "--property"),
        _period(period),
    )
    from afterstrike.effects._save import check_folder, report_text, result_dict, save_effect
    from afterstrike.effects._seams._file import seams_from_file

    if out is not None:
        check_folder(out)
    with progress_on_stderr(events.name) as progress:
        result = seams_from_file(
            events, outcome=outcome, control=control, shares=shares, zones=zones, by=by, measure=measure,
            contact_km=contact_km, carry_forward_days=carry_forward_days, coordination=coordination,
            properties=properties, time_zone=time_zone, model=model, columns=columns, region=region, period=span,
            placebos=placebos, seed=seed, progress=progress,
        )  # fmt: skip
        progress("writing")
        files = save_effect(result, out, "seams") if out is not None else []
    click.echo(
        json.dumps(result_dict(result), ensure_ascii=False, indent=1) if as_json else report_text(result)
    )
    for path in files:
        click.echo(f"wrote {path}", err=True)
