"""`afterstrike world calibrate`: a world's ranges held against data; one call of `containment.calibrate`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from afterstrike.errors import UsageError

from . import _effect_options as options
from ._progress import progress_on_stderr

if TYPE_CHECKING:
    from afterstrike.containment._calibrate import WeeklySeries

__all__ = ["calibrate"]

_EPILOG = """Without a series only dated public figures are used. What the series says of strikes is an association after
adjustment, not an effect. Exit status 3: the series cannot carry a fit, or no member comes near the figures.

Example: afterstrike world calibrate mid2024 --record syria.duckdb --treatment 'kind=strike;initiator=US-led coalition'
--outcome 'kind=attack;initiator=IS' -o out/"""


@click.command(epilog=_EPILOG)
@click.argument("name", metavar="WORLD")
@click.option("--record", type=click.Path(path_type=Path), metavar="FILE",
              help="Events to count by week: a record (.duckdb), CSV, Parquet, JSON lines or GeoJSON.")  # fmt: skip
@click.option("--treatment", metavar="ROWS", help=f"Strikes of --record. {options.SELECTION}")
@click.option("--outcome", metavar="ROWS", help="Attacks of --record, selected likewise.")
@click.option("--sources", metavar="COLUMN", help="A column of --record that says who reported a row.")
@click.option("--series", type=click.Path(path_type=Path), metavar="CSV",
              help="A row a week instead: week, attacks (or attacks_NAME for each source), strikes.")  # fmt: skip
@click.option("--strikes", metavar="NAME", help="A shipped series of strikes for a --series without them: "
              "us_strikes_weekly, dutch_strikes_weekly.")  # fmt: skip
@click.option("--targets", type=click.Path(path_type=Path), metavar="TOML", help="Dated figures of your own.")
@click.option("--lag-weeks", type=click.IntRange(1, 8), default=1, show_default=True, metavar="N",
              help="Weeks a strike must lie back to count; those of the same week never do.")  # fmt: skip
@click.option("--members", type=click.IntRange(500, 100_000), default=4000, show_default=True, help="Draws.")
@options.GAPS
@options.COLUMN
@options.REGION
@options.PERIOD
@options.SEED
@options.JSON
@click.option("-o", "--out", metavar="FOLDER", type=click.Path(path_type=Path),
              help="Where table, draws, figures and page go; else only print.")  # fmt: skip
def calibrate(name: str, record: Path | None, treatment: str | None, outcome: str | None, sources: str | None,
              series: Path | None, strikes: str | None, targets: Path | None, lag_weeks: int, members: int,
              gap_texts: Sequence[str], column_names: Sequence[str], region: str | None, period: str | None, seed: int,
              as_json: bool, out: Path | None) -> None:  # fmt: skip
    """Hold a world's ranges against data: prior beside posterior for every number.

    WORLD is a shipped world or a file. Most numbers are not identified by any public data; they keep their range and
    say so.
    """
    wanted = {"--treatment": treatment, "--outcome": outcome, "--sources": sources, "--region": region, "--period": period,
              "--gap": gap_texts or None, "--column": column_names or None}  # fmt: skip
    if record is None and (idle := [option for option, value in wanted.items() if value]):
        raise UsageError(
            f"{', '.join(idle)} without --record; they choose rows of a file of events: add --record FILE"
        )
    if record is not None and (series is not None or strikes is not None):
        raise UsageError(
            "--record beside --series or --strikes; allowed one of --record, --series: leave the other out"
        )
    if record is not None and (treatment is None or outcome is None):
        raise UsageError(
            "--record without --treatment and --outcome; say which rows are strikes and which attacks"
        )
    if strikes is not None and series is None:
        raise UsageError("--strikes without --series; it adds shipped strikes to a table of weekly attacks")
    from afterstrike.containment._calibrate import calibrate as run
    from afterstrike.containment._calibrate._save import calibration_dict
    from afterstrike.effects._save import check_folder

    if out is not None:
        check_folder(out)
    with progress_on_stderr(name) as progress:
        progress("reading")
        weekly = _weekly(
            record, series, treatment=treatment, outcome=outcome, sources=sources, strikes=strikes,
            gaps=options.read_spans("--gap", gap_texts), columns=options.read_columns(column_names), region=region,
            period=options.read_period(period),
        )  # fmt: skip
        found = run(name, series=weekly, targets=targets, members=members, seed=seed, lag_weeks=lag_weeks,
                    progress=progress)  # fmt: skip
        progress("writing")
        files = found.save(out) if out is not None else []
    click.echo(
        json.dumps(calibration_dict(found), ensure_ascii=False, indent=1) if as_json else found.summary()
    )
    for path in files:
        click.echo(f"wrote {path}", err=True)


def _weekly(
    record: Path | None, series: Path | None, *, strikes: str | None, **chosen: Any
) -> WeeklySeries | None:
    from afterstrike.containment._calibrate import WeeklySeries

    if record is not None:
        return WeeklySeries.from_file(record, **chosen)
    return None if series is None else WeeklySeries.from_csv(series, strikes=strikes)
