"""`afterstrike effect excitation`: what strikes change where attacks excite attacks; one call of a library function."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from afterstrike.errors import UsageError

from ._progress import progress_on_stderr

__all__ = ["excitation"]

_SELECTION = "A kind, or conditions as 'kind=strike;initiator=US-led coalition'."
_EPILOG = """The model is fitted with a constant baseline and with one that drifts and has a weekly and a yearly
cycle; both are printed. Exit status 3: fewer than 20 attacks, under 60 days, or effects with no finite estimate.

Example: afterstrike effect excitation syria.duckdb --treatment 'kind=strike;initiator=US-led coalition'
--outcome 'kind=attack;initiator=IS' --days 7,14,30 --zones adm1 -o out/"""


@click.command(epilog=_EPILOG)
@click.argument("events", type=click.Path(path_type=Path))
@click.option("--treatment", required=True, metavar="ROWS", help=_SELECTION)
@click.option("--outcome", required=True, metavar="ROWS", help="Rows that are counted, selected likewise.")
@click.option("--days", default="7,14,30", show_default=True, metavar="N,N", help="Horizons in whole days.")
@click.option("--zones", metavar="COLUMN|KM",
              help="Column with the zone of each row (adm1), or the side of cells in km; else one zone.")  # fmt: skip
@click.option("--gap", "gaps", multiple=True, metavar="A/B",
              help="First and last day of a stretch without recording; may be repeated.")  # fmt: skip
@click.option("--kernel", type=click.Choice(["exponential", "power"]), default="exponential",
              show_default=True, help="How excitation fades; power has a heavy tail.")  # fmt: skip
@click.option("--column", "column_names", multiple=True, metavar="WHAT=NAME",
              help="Which column is time, lat, lon or kind; may be repeated.")  # fmt: skip
@click.option("--region", metavar="AREA", help="ISO3 code, west,south,east,north, or a GeoJSON file.")
@click.option("--period", metavar="A/B", help="First and last day, both inclusive.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of words.")
@click.option("-o", "--out", metavar="FOLDER", type=click.Path(path_type=Path),
              help="Where excitation.csv, .json, .txt, .png, .svg, .html go; else only print.")  # fmt: skip
def excitation(events: Path, treatment: str, outcome: str, days: str, zones: str | None, gaps: Sequence[str],
               kernel: Any, column_names: Sequence[str], region: str | None, period: str | None, seed: int,
               as_json: bool, out: Path | None) -> None:  # fmt: skip
    """Estimate what strikes changed where attacks excite attacks, with a Hawkes model.

    EVENTS is a record (.duckdb), CSV, Parquet, JSON lines or GeoJSON. Rows whose date has no day are left out
    and counted; those without a clock time are moved within their day.
    """
    from .effect import _columns, _numbers, _period

    horizons, columns, span = _numbers("--days", days), _columns(column_names), _period(period)
    silent, parts = [_gap(gap) for gap in gaps], _zones(zones)
    from afterstrike.effects import excitation_from_file
    from afterstrike.effects._save import check_folder, report_text, result_dict, save_effect

    if out is not None:
        check_folder(out)
    with progress_on_stderr(events.name) as progress:
        result = excitation_from_file(
            events, treatment=treatment, outcome=outcome, columns=columns, region=region, period=span,
            zones=parts, progress=progress, days=horizons, gaps=silent, kernel=kernel, seed=seed,
        )  # fmt: skip
        progress("writing")
        files = save_effect(result, out, "excitation") if out is not None else []
    click.echo(
        json.dumps(result_dict(result), ensure_ascii=False, indent=1) if as_json else report_text(result)
    )
    for path in files:
        click.echo(f"wrote {path}", err=True)


def _zones(text: str | None) -> str | float | None:
    """Read adm1, or 75."""
    try:
        return None if text is None else float(text)
    except ValueError:
        return text


def _gap(text: str) -> tuple[str, str]:
    """Read 2016-01-01/2016-02-15."""
    first, slash, last = text.partition("/")
    if not slash or not first or not last:
        raise UsageError(f"--gap {text!r} is no stretch of days; write it as --gap 2016-01-01/2016-02-15")
    return first, last
