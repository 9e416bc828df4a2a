"""From files to what a study needs: its rows, and edges of bins."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from ..errors import SourceError, UsageError
from ._event_file import EventFile, read_event_file
from ._region import read_box, rows_of_region
from ._study import Study

__all__ = ["read_cutpoints", "study_from_file"]


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
