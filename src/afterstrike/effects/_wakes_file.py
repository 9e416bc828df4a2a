"""From a file of events to matched wakes in one call: what `afterstrike effect wakes` runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ._design import WakeDesign
from ._from_file import estimate_from_file
from ._matched_wakes import TimeUnit, WakeConvention, matched_wakes
from ._placebo import check_options, placebo_labels

if TYPE_CHECKING:
    from ._result import EffectResult
    from ._study import Study

__all__ = ["wakes_from_file"]

Progress = Callable[[str], None]

# Names the convention mwa-0.5 gives to what it counts itself; a table need not have them.
_COUNTED = ("dependent_trend", "SO_pre", "MO_pre")


def wakes_from_file(
    path: str | Path,
    *,
    treatment: str,
    outcome: str,
    control: str | None = None,
    days: int | Sequence[int],
    km: float | Sequence[float],
    time_unit: TimeUnit = "day",
    design: WakeDesign | None = None,
    convention: WakeConvention = "afterstrike",
    columns: Mapping[str, str] | None = None,
    region: str | None = None,
    period: tuple[str, str] | None = None,
    seed: int = 0,
    placebos: int = 0,
    progress: Progress | None = None,
) -> EffectResult:
    """Estimate what followed treatment from a file of events, as `matched_wakes` does from a `Study`.

    Parameters
    ----------
    path
        A record (`.duckdb`), CSV, TSV, Parquet, JSON lines or GeoJSON.
    treatment, outcome, control
        A kind, or conditions as in `"kind=strike;initiator=US-led coalition"`.
    days, km, time_unit, design, convention, seed
        As in `matched_wakes`.
    columns
        Which column is `time`, `lat`, `lon` and `kind`, where the names are not the usual ones.
    region
        A country code (needs the column `adm0`), `"west,south,east,north"`, or a GeoJSON file of areas.
    period
        First and last day, both inclusive.
    placebos
        With `mwa-0.5`: swap the labels so many times, and put what `placebo_labels` finds among the checks.
    progress
        Called with a word at each stage.

    Returns
    -------
    EffectResult
        `.detail("study")` is the target-trial table. Rows whose date has no day are left out and counted in
        `.provenance["exclusions"]`.

    Raises
    ------
    SourceError, RecordError
        The file cannot be read.
    UsageError
        An option is not allowed, or a column is missing.
    EstimateRefused
        The rows cannot carry the estimate.

    Examples
    --------
    >>> import tempfile
    >>> from afterstrike.effects.theatres import Theatre, simulate_theatre
    >>> events = simulate_theatre(Theatre.preset("null", strikes="random"), seed=1).events
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     events.to_csv(f"{folder}/theatre.csv", index=False)
    ...     wakes_from_file(
    ...         f"{folder}/theatre.csv", treatment="strike", outcome="kind=attack;adm1=Simprovince 1",
    ...         control="kind=attack;adm1=Simprovince 2", days=7, km=(25, 50), convention="mwa-0.5")
    EffectResult(2 of 2 windows estimated, 3 checks)
    """
    reached = progress or (lambda stage: None)
    chosen = design or WakeDesign()
    if placebos:
        check_options(convention, repeats=placebos)

    def estimate(study: Study) -> EffectResult:
        result = matched_wakes(
            study, days=days, km=km, time_unit=time_unit, design=chosen, convention=convention, seed=seed
        )
        if not placebos:
            return result
        reached("swapping labels")
        swapped = placebo_labels(
            study, days=days, km=km, time_unit=time_unit, design=chosen, repeats=placebos, seed=seed
        )
        return replace(result, checks=(*result.checks, swapped.check()))

    needed = [name for name in (*chosen.match_on, *chosen.controls) if name not in _COUNTED]
    return estimate_from_file(
        path, estimate, treatment=treatment, outcome=outcome, control=control, columns=columns, region=region,
        period=period, needed=needed, progress=reached,
    )  # fmt: skip
