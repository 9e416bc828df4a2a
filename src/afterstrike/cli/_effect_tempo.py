"""`afterstrike effect tempo`: a recorded rate against the past; one call of a library function."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from ._progress import progress_on_stderr

__all__ = ["tempo"]

_EPILOG = """A rate of records, not of what happened. Windows of the ranking overlap: a place in it is no test. Exit
status 3: a time lies outside the record, or the record is too short.

Example: afterstrike effect tempo syria.duckdb --outcome 'kind=attack;initiator=IS'
--window 2018-04-01/2018-06-30 --against 2017 -o out/"""


@click.command(epilog=_EPILOG)
@click.argument("events", type=click.Path(path_type=Path))
@click.option("--outcome", required=True, metavar="ROWS",
              help="A kind, or conditions as 'kind=attack;initiator=IS'.")  # fmt: skip
@click.option(
    "--window", required=True, metavar="A/B", help="The time in question: first and last day, or a year."
)
@click.option("--against", required=True, metavar="A/B", help="The past time: first and last day, or a year.")
@click.option("--not-covered", "gaps", multiple=True, metavar="A/B",
              help="First and last day of a span the source has no data for; may be repeated.")  # fmt: skip
@click.option("--level", type=float, default=0.05, show_default=True, help="Chance that an interval misses.")
@click.option("--column", "column_names", multiple=True, metavar="WHAT=NAME",
              help="Which column is time, lat, lon or kind; may be repeated.")  # fmt: skip
@click.option("--region", metavar="AREA", help="ISO3 code, west,south,east,north, or a GeoJSON file.")
@click.option("--period", metavar="A/B", help="First and last day of the record, both inclusive.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of words.")
@click.option("-o", "--out", metavar="FOLDER", type=click.Path(path_type=Path),
              help="Where tempo.csv, .json, .txt, .png, .svg and .html go; else only print.")  # fmt: skip
def tempo(events: Path, outcome: str, window: str, against: str, gaps: Sequence[str], level: float,
          column_names: Sequence[str], region: str | None, period: str | None, as_json: bool,
          out: Path | None) -> None:  # fmt: skip
    """Set a recorded rate against a past time, and against all earlier windows.

    EVENTS is a record (.duckdb), CSV, Parquet, JSON lines or GeoJSON. Rows whose date has no day are left out
    and counted.
    """
    from .effect import _columns, _period, _span

    columns, span = _columns(column_names), _period(period)
    not_covered = [_span("--not-covered", gap) for gap in gaps]
    options: dict[str, Any] = {"not_covered": not_covered, "level": level, "period": span}
    from afterstrike.effects import tempo_from_file
    from afterstrike.effects._save import check_folder, report_text, result_dict, save_effect

    if out is not None:
        check_folder(out)
    with progress_on_stderr(events.name) as progress:
        result = tempo_from_file(
            events, outcome=outcome, window=window, reference=against, columns=columns, region=region,
            progress=progress, **options,
        )  # fmt: skip
        progress("writing")
        files = save_effect(result, out, "tempo") if out is not None else []
    click.echo(
        json.dumps(result_dict(result), ensure_ascii=False, indent=1) if as_json else report_text(result)
    )
    for path in files:
        click.echo(f"wrote {path}", err=True)
