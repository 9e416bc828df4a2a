"""`afterstrike effect seams`: recorded attacks by exposure to borders between control zones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from . import _effect_options as options

__all__ = ["seams"]

_EPILOG = """The result is an association within zones, not an effect, and never a map: no place is ranked or
drawn. Fewer than 8 zones, or an exposure that hardly varies within them, is refused (exit status 3). With one zone
(shares of a whole region) it is a series along time, and says what that cannot tell.

Example: afterstrike effect seams syria.duckdb --outcome 'kind=attack;initiator=IS' --control control.geojson
--zones governorates.geojson --carry-forward-days 14 -o out/"""


@click.command(epilog=_EPILOG)
@options.EVENTS
@click.option("--outcome", required=True, metavar="ROWS", help=options.SELECTION)
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
@options.COLUMN
@options.REGION
@options.PERIOD
@click.option("--placebos", type=click.IntRange(0, 9999), default=199, show_default=True, metavar="N",
              help="Times that borders are given to other zones.")  # fmt: skip
@options.SEED
@options.JSON
@options.out_option("seams")
def seams(events: Path, outcome: str, control: Path | None, shares: Path | None, zones: str | None, by: Any,
          measure: Any, contact_km: float, carry_forward_days: int, coordination: Path | None,
          property_names: Sequence[str], time_zone: str, model: Any, column_names: Sequence[str],
          region: str | None, period: str | None, placebos: int, seed: int, as_json: bool,
          out: Path | None) -> None:  # fmt: skip
    """Compare recorded attacks by exposure to borders between parties, within zones over time.

    EVENTS is a record (.duckdb), CSV, Parquet, JSON lines or GeoJSON. Rows whose date or place is too coarse
    for the zone and period are left out and counted.
    """
    columns, span = options.read_columns(column_names), options.read_period(period)
    properties = options.read_columns(property_names, "--property")
    from afterstrike.effects import seams_from_file

    options.estimate_and_tell(
        events, "seams", out, as_json,
        lambda progress: seams_from_file(
            events, outcome=outcome, control=control, shares=shares, zones=zones, by=by, measure=measure,
            contact_km=contact_km, carry_forward_days=carry_forward_days, coordination=coordination,
            properties=properties, time_zone=time_zone, model=model, columns=columns, region=region, period=span,
            placebos=placebos, seed=seed, progress=progress,
        ),
    )  # fmt: skip
