"""From a file of events to a result: what every `..._from_file` shares."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ._event_file import EventFile, read_event_file
from ._files import study_from_file
from ._region import read_box, rows_of_region
from ._result import EffectResult
from ._standard import find_column, inside_box, select

if TYPE_CHECKING:
    import pandas as pd

    from ._study import Study

__all__ = ["estimate_from_file", "outcome_of_file", "rows_within", "with_file", "zone_column"]

Progress = Callable[[str], None]
R = TypeVar("R", bound=EffectResult)


def estimate_from_file(
    path: str | Path,
    estimate: Callable[[Study], R],
    *,
    treatment: str,
    outcome: str,
    columns: Mapping[str, str] | None,
    needed: Sequence[str] = (),
    progress: Progress = lambda stage: None,
    **declared: Any,
) -> R:
    """Read a file, make its study, estimate, and say in the result which file it was.

    Parameters
    ----------
    path
        A record (`.duckdb`), CSV, TSV, Parquet, JSON lines or GeoJSON.
    estimate
        What is called with the study.
    treatment, outcome, columns
        As in `study_from_file`.
    needed
        Further columns that the table must have.
    progress
        Called with a word at each stage.
    declared
        Any other option of `study_from_file`: control, region, period, horizon_days, radius_km.

    Raises
    ------
    SourceError, RecordError
        The file cannot be read.
    UsageError, EstimateRefused
        Of the study or the estimate.
    """
    progress("reading")
    source = read_event_file(path, columns=columns, needed=needed)
    progress("checking")
    study = study_from_file(source, treatment=treatment, outcome=outcome, columns=columns, **declared)
    progress("estimating")
    result = with_file(estimate(study), source)
    return replace(result, details={**result.details, "study": study.to_frame})


def outcome_of_file(
    path: str | Path, *, outcome: str, columns: Mapping[str, str] | None, region: str | None
) -> tuple[pd.DataFrame, EventFile, dict[str, int]]:
    """Read the rows of a file that are counted, for estimates without treatment.

    Returns
    -------
    rows, source, left_out
        The rows within the region; the file; lines and rows left out so far, by reason.
    """
    source = read_event_file(path, columns=columns)
    frame, left_out = source.frame, {}
    if source.left_out:
        left_out["lines that are no rows"] = source.left_out
    if region is not None:
        frame, outside = rows_within(frame, region, columns)
        if outside:
            left_out["outside the region"] = outside
    return frame[select(frame, {"outcome": outcome}, columns)["outcome"]], source, left_out


def with_file(result: R, source: EventFile, **further: Any) -> R:
    """Add the file, and whatever else is said of it, to the provenance of a result."""
    told = {"input": {"name": source.name, "sha256": source.sha256 or None}, **further}
    return replace(result, provenance={**result.provenance, **told})


def zone_column(zones: str | float | None) -> list[str]:
    """Give the column that a file must have for its zones."""
    return [zones] if isinstance(zones, str) else []


def rows_within(
    frame: pd.DataFrame, region: str, columns: Mapping[str, str] | None
) -> tuple[pd.DataFrame, int]:
    """Give the rows in a region, with those whose place is not known, and how many are not in it."""
    import pandas as pd

    box = read_box(region)
    if box is None:
        return rows_of_region(frame, region, dict(columns or {}))
    names = [find_column(frame, what, columns) for what in ("lat", "lon")]
    if None in names:
        return frame, 0  # which column is missing is said where the rows are made standard
    lat, lon = (
        pd.to_numeric(frame[name], errors="coerce").to_numpy(float, na_value=np.nan) for name in names
    )
    # Rows without coordinates stay: they are counted as such.
    inside = inside_box(lat, lon, box)
    inside |= ~(np.isfinite(lat) & np.isfinite(lon))
    return frame[inside], int((~inside).sum())
