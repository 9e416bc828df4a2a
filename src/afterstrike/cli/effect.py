"""`afterstrike effect`: what followed strikes; each verb is one call of a library function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from afterstrike.errors import UsageError

from . import _effect_options as options
from ._effect_excitation import excitation
from ._effect_seams import seams
from ._effect_series import interrupted, series
from ._effect_shifts import shifts
from ._effect_tempo import tempo

if TYPE_CHECKING:
    from afterstrike.effects import EffectResult

__all__ = ["effect"]

_EPILOG = """Windows that cannot be estimated stay in the table and say why. Exit status 3: the rows cannot
carry any estimate, with the reason.

Options marked mwa are for the convention mwa-0.5 alone.

Example: afterstrike effect wakes syria.duckdb --treatment 'kind=strike;initiator=US-led coalition'
--outcome 'kind=attack;initiator=IS' --days 7,14,30 --km 10,25 -o out/"""


@click.group()
def effect() -> None:
    """Estimate what followed strikes, with what must be believed to read it as an effect."""


effect.add_command(shifts)
effect.add_command(tempo)
effect.add_command(seams)
effect.add_command(excitation)
effect.add_command(series)
effect.add_command(interrupted)


@effect.command(epilog=_EPILOG)
@options.EVENTS
@click.option("--treatment", required=True, metavar="ROWS", help=options.SELECTION)
@click.option(
    "--control", metavar="ROWS", help="Rows to compare with, selected likewise; else they are drawn."
)
@click.option("--outcome", required=True, metavar="ROWS", help="Rows that are counted, selected likewise.")
@click.option("--days", required=True, metavar="N,N", help="Window lengths in whole days (or --time-unit).")
@click.option("--km", required=True, metavar="N,N", help="Radii in km.")
@click.option(
    "--time-unit", type=click.Choice(["day", "hour", "minute", "second"]), default="day", show_default=True
)
@options.COLUMN
@options.REGION
@options.PERIOD
@click.option("--match-on", metavar="A,B", help="Columns of numbers to match on (mwa).")
@click.option("--cutpoints", metavar="FILE", type=click.Path(path_type=Path),
              help='Edges of bins, JSON: {"population": [0, 1000, 10000]} (mwa).')  # fmt: skip
@click.option("--match-overlap", is_flag=True, help="Match on earlier treatment and control rows too (mwa).")
@click.option(
    "--drop-overlaps", is_flag=True, help="Leave out wakes with earlier ones in their window (mwa)."
)
@click.option("--controls", metavar="A,B", help="Columns of numbers that enter the regression (mwa).")
@click.option("--model", type=click.Choice(["lagged", "difference", "att", "negative_binomial"]),
              default="lagged", show_default=True)  # fmt: skip
@click.option(
    "--weighted/--unweighted", default=True, show_default=True, help="Use the matching weights (mwa)."
)
@click.option(
    "--convention",
    default="afterstrike",
    show_default=True,
    metavar="NAME",
    help="afterstrike, or mwa-0.5: the numbers of the R package mwa 0.5.0.",
)
@click.option(
    "--placebos",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="Swap treatment and control among wakes N times and say how unusual the estimates are (mwa).",
)
@click.option("--ring-km", type=float, metavar="KM",
              help="How far more attacks nearby are looked for; twice each radius if not said.")  # fmt: skip
@click.option("--checks", "with_checks", is_flag=True,
              help="Placebo strikes, bootstrap, redraws within stated precision too (slower).")  # fmt: skip
@options.SEED
@options.JSON
@options.out_option("wakes")
def wakes(events: Path, treatment: str, control: str | None, outcome: str, days: str, km: str, time_unit: Any,
          column_names: Sequence[str], region: str | None, period: str | None, match_on: str | None,
          cutpoints: Path | None, match_overlap: bool, drop_overlaps: bool, controls: str | None, model: Any,
          weighted: bool, convention: Any, placebos: int, ring_km: float | None, with_checks: bool, seed: int,
          as_json: bool, out: Path | None) -> None:  # fmt: skip
    """Compare what followed treatment with what followed comparison, over windows of days and km.

    EVENTS is a record (.duckdb), CSV, Parquet, JSON lines or GeoJSON. Rows whose date has no day are left out
    and counted.
    """
    lengths, radii = options.read_numbers("--days", days), options.read_numbers("--km", km)
    columns, span = options.read_columns(column_names), options.read_period(period)
    from afterstrike.effects import WakeDesign, wakes_from_file
    from afterstrike.effects._files import read_cutpoints

    design = WakeDesign(
        match_on=options.read_names(match_on),
        cutpoints=read_cutpoints(cutpoints) if cutpoints else None,
        match_overlap=match_overlap,
        drop_overlaps=drop_overlaps,
        controls=options.read_names(controls),
        model=model,
        weighted=weighted,
        ring_km=ring_km,
    )
    if with_checks and convention != "afterstrike":
        raise UsageError(
            "--checks is for the convention afterstrike; mwa-0.5 has --placebos N, which swaps labels"
        )

    def estimate(progress: Callable[[str], None]) -> EffectResult:
        result = wakes_from_file(
            events, treatment=treatment, outcome=outcome, control=control, days=lengths, km=radii,
            time_unit=time_unit, design=design, convention=convention, columns=columns, region=region,
            period=span, seed=seed, placebos=placebos, progress=progress,
        )  # fmt: skip
        if with_checks:
            progress("placebo strikes, bootstrap, redraws")
            result = result.with_checks()  # type: ignore[attr-defined]
        return result

    options.estimate_and_tell(events, "wakes", out, as_json, estimate)


_INTERVENTION_EPILOG = """Compared with strikes as observed. No interval is given below an effective sample
of 30, and the estimate is refused (exit status 3) where no scenario and lag could leave that many. Nothing is
said about distance from a strike: the contrast is one of policies over whole areas.

Example: afterstrike effect intervention iraq.csv --treatment Airstrike --outcome attack --region IRQ
--scenario scale=1.05,scale=1.1 --lag 1,3,7 -o out/"""


@effect.command(epilog=_INTERVENTION_EPILOG)
@options.EVENTS
@click.option("--treatment", required=True, metavar="ROWS", help=options.SELECTION)
@click.option("--outcome", required=True, metavar="ROWS", help="Rows that are counted, selected likewise.")
@click.option("--region", required=True, metavar="AREA",
              help="The window: ISO3 code, west,south,east,north, or a GeoJSON file.")  # fmt: skip
@click.option("--scenario", required=True, metavar="scale=N,...",
              help="Factors of the strikes there were, as scale=1.1,scale=1.2.")  # fmt: skip
@click.option("--lag", default="1,3,7", show_default=True, metavar="N,N", help="Days under the policy.")
@click.option("--area", "areas", multiple=True, metavar="NAME=AREA",
              help="A part of the window to sum outcomes in; may be repeated.")  # fmt: skip
@click.option("--grid", type=click.IntRange(4, 1024), default=64, show_default=True, help="Pixels a side.")
@click.option("--model", type=click.Choice(["negative_binomial", "poisson"]), default="negative_binomial",
              show_default=True, help="Of the number of strikes a day.")  # fmt: skip
@click.option("--truncation", type=click.FloatRange(0, 1), metavar="Q",
              help="Set weights above this quantile to it; none is changed if not said.")  # fmt: skip
@click.option("--folds", type=click.IntRange(min=0), default=0, show_default=True,
              help="Cross-fit: the propensity of each stretch of days by others; 0: one fit.")  # fmt: skip
@click.option("--one-day", is_flag=True, help="The policies differ on one day; later strikes as observed.")
@options.COLUMN
@options.PERIOD
@click.option("--checks", "with_checks", is_flag=True,
              help="Bootstrap, outcomes moved in time, propensity out of sample (slower).")  # fmt: skip
@click.option("--jobs", type=int, default=-1, metavar="N",
              help="Processes for --checks; all processors if not said.")  # fmt: skip
@click.option("--cluster", metavar="ADDRESS",
              help="Run --checks on a Dask scheduler, as tcp://127.0.0.1:8786, instead.")  # fmt: skip
@options.SEED
@options.JSON
@options.out_option("intervention")
def intervention(events: Path, treatment: str, outcome: str, region: str, scenario: str, lag: str,
                 areas: Sequence[str], grid: int, model: Any, truncation: float | None, folds: int,
                 one_day: bool, column_names: Sequence[str], period: str | None, with_checks: bool, jobs: int,
                 cluster: str | None, seed: int, as_json: bool, out: Path | None) -> None:  # fmt: skip
    """Estimate what would be recorded had strikes been more or fewer than they were.

    EVENTS is a record (.duckdb), CSV, Parquet, JSON lines or GeoJSON.
    """
    factors, lags = _factors(scenario), options.read_numbers("--lag", lag)
    columns, span, named = (
        options.read_columns(column_names),
        options.read_period(period),
        options.read_pairs(areas, "--area {pair!r} names no area; write it as --area north=38,33,49,38"),
    )
    from afterstrike.effects import InterventionDesign, intervention_from_file

    design = InterventionDesign(
        shape=grid, model=model, truncation=truncation, folds=folds,
        span="first_period" if one_day else "every_period",
    )  # fmt: skip
    if cluster and not with_checks:
        raise UsageError("--cluster says where --checks run; give both, or neither")

    def estimate(progress: Callable[[str], None]) -> EffectResult:
        result = intervention_from_file(
            events, treatment=treatment, outcome=outcome, region=region, factors=factors, lags=lags,
            areas=named, design=design, columns=columns, period=span, progress=progress,
        )  # fmt: skip
        if with_checks:
            progress("bootstrap")
            repeats = 0 if truncation is not None else 200
            result = result.with_checks(bootstrap=repeats, seed=seed, jobs=jobs, cluster=cluster)
        return result

    options.estimate_and_tell(events, "intervention", out, as_json, estimate)


def _factors(text: str) -> list[float]:
    """Read scale=1.1,scale=1.2."""
    found = []
    for part in text.split(","):
        name, equals, number = part.strip().partition("=")
        try:
            if name != "scale" or not equals:
                raise ValueError
            found.append(float(number))
        except ValueError:
            raise UsageError(
                f"--scenario {text!r}; allowed factors as scale=1.1,scale=1.2 (other policies: the library, "
                "docs/interventions.md)"
            ) from None
    return found
