"""`afterstrike lull`: every design a record can carry, beside each other; one call of a library function."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from . import _effect_options as options

__all__ = ["DESIGN_NAMES", "lull"]

# As `DESIGNS` of the library has them; written here so that help imports nothing.
DESIGN_NAMES = (
    "matched wakes", "mutual excitation", "distributed lags by day", "distributed lags by week",
    "stochastic intervention", "interrupted series", "stacked event study", "matched panel", "naive before and after",
)  # fmt: skip

_EPILOG = """Designs do not estimate the same thing: only rows of one table may be compared as numbers, and none is
averaged. A design that the record cannot carry says why; exit status 3: no design can be run at all.

Example: afterstrike lull syria.duckdb --treatment 'kind=strike;initiator=US-led coalition'
--outcome 'kind=attack;initiator=IS' --region SYR --period 2016-01-01/2018-12-31 --days 14 --km 25 -o out/"""


@click.command(epilog=_EPILOG)
@options.EVENTS
@click.option("--treatment", required=True, metavar="ROWS", help=options.SELECTION)
@click.option("--outcome", required=True, metavar="ROWS", help="Rows that are counted, selected likewise.")
@click.option(
    "--control", metavar="ROWS", help="Rows matched wakes compare with, likewise; else they are drawn."
)
@click.option("--days", type=click.IntRange(1, 365), default=14, show_default=True, help="The horizon H.")
@click.option("--km", type=click.FloatRange(0, 2000, min_open=True), default=25.0, show_default=True,
              help="The radius R.")  # fmt: skip
@click.option("--zones", default="auto", show_default=True, metavar="ZONES",
              help="Where attacks are counted by zone: a column, a side in km, 'whole', or auto.")  # fmt: skip
@click.option(
    "--campaign", metavar="A/B", help="A campaign, for the interrupted series; else the first strike on."
)
@click.option(
    "--gap",
    "gap_texts",
    multiple=True,
    metavar="A/B",
    help="A stretch without recording: missing to excitation, lags and interrupted series; the others cannot leave it "
    "out and give no word on a sign; may be repeated.",
)
@click.option("--design", "designs", multiple=True, type=click.Choice(DESIGN_NAMES), metavar="NAME",
              help=f"Run this one ({', '.join(DESIGN_NAMES)}); may be repeated; else all.")  # fmt: skip
@click.option("--curve/--no-curve", default=False, show_default=True,
              help="Run every declared alternative too: the specification curve (slow).")  # fmt: skip
@options.COLUMN
@options.REGION
@options.PERIOD
@click.option("--checks/--no-checks", "with_checks", default=None,
              help="Placebo strikes, bootstrap, redraws; if not said, where an interval leaves out no change.")  # fmt: skip
@options.SEED
@options.JSON
@options.out_option("lull")
def lull(events: Path, treatment: str, outcome: str, control: str | None, days: int, km: float, zones: str,
         campaign: str | None, gap_texts: Sequence[str], designs: Sequence[str], curve: bool,
         column_names: Sequence[str], region: str | None, period: str | None, with_checks: bool | None, seed: int,
         as_json: bool, out: Path | None) -> None:  # fmt: skip
    """Estimate what followed strikes by every design this record can carry.

    EVENTS is a record (.duckdb), CSV, Parquet, JSON lines or GeoJSON. One table for each estimand, checks passed and
    failed, where the designs agree and where not. A lull and a surge are the same quantity with other signs.
    """
    columns, span = options.read_columns(column_names), options.read_period(period)
    gaps, days_of_campaign = options.read_spans("--gap", gap_texts), _campaign(campaign)
    from afterstrike.effects import lull_from_file
    from afterstrike.errors import EstimateRefused

    result = options.estimate_and_tell(
        events, "lull", out, as_json,
        lambda progress: lull_from_file(
            events, treatment=treatment, outcome=outcome, control=control, days=days, km=km, columns=columns,
            region=region, period=span, zones=_zones(zones), campaign=days_of_campaign, gaps=gaps,
            designs=tuple(designs) or None, alternatives="declared" if curve else None, with_checks=with_checks,
            seed=seed, progress=progress,
        ),
    )  # fmt: skip
    if not result.results:
        raise EstimateRefused("no design can be run on these rows; each row of the table says why")


def _zones(text: str) -> str | float | None:
    """Read a column, a number of km, auto, or whole."""
    return None if text.strip() == "whole" else options.read_zones(text)


def _campaign(text: str | None) -> tuple[str, str | None] | None:
    """Read 2014-09-22 or 2014-09-22/2014-12-31."""
    if text is None:
        return None
    if "/" not in text:
        return text.strip(), None
    return options.read_period(text, "--campaign")
