"""`afterstrike effect excitation`: what strikes change where attacks excite attacks; one call of a library function."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from . import _effect_options as options

__all__ = ["excitation"]

_EPILOG = """The model is fitted with a constant baseline and with one that drifts and has a weekly and a yearly
cycle; both are printed. Exit status 3: fewer than 20 attacks, under 60 days, or effects with no finite estimate.

Example: afterstrike effect excitation syria.duckdb --treatment 'kind=strike;initiator=US-led coalition'
--outcome 'kind=attack;initiator=IS' --days 7,14,30 --zones adm1 -o out/"""


@click.command(epilog=_EPILOG)
@options.EVENTS
@click.option("--treatment", required=True, metavar="ROWS", help=options.SELECTION)
@click.option("--outcome", required=True, metavar="ROWS", help="Rows that are counted, selected likewise.")
@click.option("--days", default="7,14,30", show_default=True, metavar="N,N", help="Horizons in whole days.")
@options.ZONES
@options.GAPS
@click.option("--kernel", type=click.Choice(["exponential", "power"]), default="exponential",
              show_default=True, help="How excitation fades; power has a heavy tail.")  # fmt: skip
@options.COLUMN
@options.REGION
@options.PERIOD
@options.SEED
@options.JSON
@options.out_option("excitation")
def excitation(events: Path, treatment: str, outcome: str, days: str, zones: str | None, gap_texts: Sequence[str],
               kernel: Any, column_names: Sequence[str], region: str | None, period: str | None, seed: int,
               as_json: bool, out: Path | None) -> None:  # fmt: skip
    """Estimate what strikes changed where attacks excite attacks, with a Hawkes model.

    EVENTS is a record (.duckdb), CSV, Parquet, JSON lines or GeoJSON. Rows whose date has no day are left out
    and counted; those without a clock time are moved within their day.
    """
    horizons, columns = options.read_numbers("--days", days), options.read_columns(column_names)
    span, gaps = options.read_period(period), options.read_spans("--gap", gap_texts)
    from afterstrike.effects import excitation_from_file

    options.estimate_and_tell(
        events, "excitation", out, as_json,
        lambda progress: excitation_from_file(
            events, treatment=treatment, outcome=outcome, columns=columns, region=region, period=span,
            zones=options.read_zones(zones), progress=progress, days=horizons, gaps=gaps, kernel=kernel, seed=seed,
        ),
    )  # fmt: skip
