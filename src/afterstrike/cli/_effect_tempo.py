"""`afterstrike effect tempo`: a recorded rate against the past; one call of a library function."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from . import _effect_options as options

__all__ = ["tempo"]

_EPILOG = """A rate of records, not of what happened. Windows of the ranking overlap: a place in it is no test. Exit
status 3: a time lies outside the record, or the record is too short.

Example: afterstrike effect tempo syria.duckdb --outcome 'kind=attack;initiator=IS'
--window 2018-04-01/2018-06-30 --against 2017 -o out/"""


@click.command(epilog=_EPILOG)
@options.EVENTS
@click.option("--outcome", required=True, metavar="ROWS", help=options.SELECTION)
@click.option(
    "--window", required=True, metavar="A/B", help="The time in question: first and last day, or a year."
)
@click.option("--against", required=True, metavar="A/B", help="The past time: first and last day, or a year.")
@options.GAPS
@click.option("--level", type=float, default=0.95, show_default=True, help="Of the intervals.")
@options.COLUMN
@options.REGION
@options.PERIOD
@options.JSON
@options.out_option("tempo")
def tempo(events: Path, outcome: str, window: str, against: str, gap_texts: Sequence[str], level: float,
          column_names: Sequence[str], region: str | None, period: str | None, as_json: bool,
          out: Path | None) -> None:  # fmt: skip
    """Set a recorded rate against a past time, and against all earlier windows.

    EVENTS is a record (.duckdb), CSV, Parquet, JSON lines or GeoJSON. Rows whose date has no day are left out
    and counted.
    """
    columns, span = options.read_columns(column_names), options.read_period(period)
    gaps = options.read_spans("--gap", gap_texts)
    from afterstrike.effects import tempo_from_file

    options.estimate_and_tell(
        events, "tempo", out, as_json,
        lambda progress: tempo_from_file(
            events, outcome=outcome, window=window, reference=against, columns=columns, region=region,
            progress=progress, gaps=gaps, level=level, period=span,
        ),
    )  # fmt: skip
