"""From a file of events to an effect in one call: what the command line runs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..errors import SourceError, UsageError
from ._design import WakeDesign
from ._event_file import EventFile, read_event_file
from ._matched_wakes import TimeUnit, WakeConvention, matched_wakes
from ._placebo import check_options, placebo_labels
from ._region import read_box, rows_of_region
from ._study import Study

if TYPE_CHECKING:
    from ._result import EffectResult

__all__ = ["read_cutpoints", "study_from_file", "wakes_from_file"]

Progress = Callable[[str], None]


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
    reached("reading")
    needed = [name for name in (*chosen.match_on, *chosen.controls) if name not in _COUNTED]
    source = read_event_file(path, columns=columns, needed=needed)
    reached("checking")
    study = study_from_file(
        source,
        treatment=treatment,
        outcome=outcome,
        control=control,
        columns=columns,
        region=region,
        period=period,
    )
    reached("estimating")
    result = matched_wakes(
        study, days=days, km=km, time_unit=time_unit, design=chosen, convention=convention, seed=seed
    )
    if placebos:
        reached("swapping labels")
        swapped = placebo_labels(
            study, days=days, km=km, time_unit=time_unit, design=chosen, repeats=placebos, seed=seed
        )
        result = replace(result, checks=(*result.checks, swapped.check()))
    told = {"input": {"name": source.name, "sha256": source.sha256 or None}}
    return replace(
        result,
        provenance={**result.provenance, **told},
        details={**result.details, "study": study.to_frame},
    )


# Names the convention mwa-0.5 gives to what it counts itself; a table need not have them.
_COUNTED = ("dependent_trend", "SO_pre", "MO_pre")


def study_from_file(
    path: str | Path | EventFile,
    *,
    treatment: str,
    outcome: str,
    control: str | None = None,
    columns: Mapping[str, str] | None = None,
    region: str | None = None,
    period: tuple[str, str] | None = None,
    coarse_dates: Literal["refuse", "exclude"] = "exclude",
    horizon_days: float | None = None,
    radius_km: float | None = None,
) -> Study:
    """Make a study from a file of events.

    Parameters
    ----------
    path
        The file, or what `read_event_file` gave for it.
    treatment, outcome, control, columns, region, period
        As in `wakes_from_file`.
    coarse_dates
        Rows with a year or month but no day: left out and counted, or a reason to refuse.
    horizon_days, radius_km
        The H and R declared in advance.

    Returns
    -------
    Study

    Raises
    ------
    UsageError, EstimateRefused
        See `Study`.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "events.csv")
    ...     rows = "strike,2018-01-02,35,40 attack,2018-01-05,35,40 attack,2018,35,40"
    ...     _ = path.write_text("\\n".join(["kind,date,lat,lon", *rows.split()]))
    ...     study = study_from_file(path, treatment="strike", outcome="attack")
    >>> study.exclusions
    {'outcome: year or month only': 1}
    """
    source = path if isinstance(path, EventFile) else read_event_file(path, columns=columns)
    frame, outside, box = source.frame, 0, None
    if region is not None and (box := read_box(region)) is None:
        frame, outside = rows_of_region(frame, region, dict(columns or {}))
    study = Study.from_frame(
        frame,
        treatment=treatment,
        outcome=outcome,
        control=control,
        columns=columns,
        region=box or region,
        period=period,
        coarse_dates=coarse_dates,
        horizon_days=horizon_days,
        radius_km=radius_km,
        notes={"source": source.name, **_zones(frame, columns)},
    )
    if outside:
        study.exclusions["outside the region"] = outside
    if source.left_out:
        study.exclusions["lines that are no rows"] = source.left_out
    return study


def _zones(frame: Any, columns: Mapping[str, str] | None) -> dict[str, str]:
    """Say how many times had a zone: they were moved to UTC, where a day may be another."""
    from ._standard import find_column
    from ._times import read_times

    name = find_column(frame, "time", columns)
    count = 0 if name is None else read_times(frame[name]).zoned
    return {"time zones": f"{count} times had a zone and were moved to UTC"} if count else {}


def read_cutpoints(path: str | Path) -> dict[str, list[float]]:
    """Read the edges of bins from a JSON file, as in `{"population": [0, 1000, 10000]}`.

    Raises
    ------
    SourceError
        The file cannot be read as JSON.
    UsageError
        It holds something else.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "cut.json")
    ...     _ = path.write_text('{"population": [0, 1000, 10000]}')
    ...     read_cutpoints(path)
    {'population': [0.0, 1000.0, 10000.0]}
    """
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or problem
        raise SourceError(f"{path} cannot be read as JSON ({reason}); check the file of cut points") from None
    numbers = isinstance(found, dict) and all(
        isinstance(points, list)
        and all(isinstance(p, int | float) and not isinstance(p, bool) for p in points)
        for points in found.values()
    )
    if not numbers:
        raise UsageError(
            f"{path} holds no cut points; allowed lists of numbers by variable, "
            'as {"population": [0, 1000, 10000]}'
        )
    return {str(name): [float(point) for point in points] for name, points in found.items()}
