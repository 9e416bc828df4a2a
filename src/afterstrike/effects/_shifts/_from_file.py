"""Shifts from a file of events in one call: what the command line runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._event_file import read_event_file
from .._region import read_box, rows_of_region
from .._standard import Selector, find_column, select
from ._entry import change_points

if TYPE_CHECKING:
    import pandas as pd

    from ._result import ShiftResult

__all__ = ["rows_within", "shifts_from_file"]


def shifts_from_file(
    path: str | Path,
    *,
    outcome: str,
    columns: Mapping[str, str] | None = None,
    region: str | None = None,
    progress: Callable[[str], None] | None = None,
    **options: Any,
) -> ShiftResult:
    """Find the shifts of a record, as `change_points` does from a table.

    Parameters
    ----------
    path
        A record (`.duckdb`), CSV, TSV, Parquet, JSON lines or GeoJSON.
    outcome
        Which rows: a kind, or conditions as in `"kind=attack;initiator=IS"`.
    columns
        Which column is `time`, `lat`, `lon` and `kind`, where the names are not the usual ones.
    region
        A country code (needs the column `adm0`), `"west,south,east,north"`, or a GeoJSON file of areas.
    progress
        Called with a word at each stage.
    options
        Any other option of `change_points`.

    Returns
    -------
    ShiftResult

    Raises
    ------
    SourceError, RecordError
        The file cannot be read.
    UsageError, EstimateRefused
        See `change_points`.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np, pandas as pd
    >>> day = np.datetime64("2016-01-04") + np.arange(280).repeat(np.arange(280) // 140 * 2 + 1)
    >>> table = pd.DataFrame({"kind": "attack", "date": day, "lat": 35.0, "lon": 40.0})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     table.to_csv(f"{folder}/events.csv", index=False)
    ...     found = shifts_from_file(f"{folder}/events.csv", outcome="attack", series=["tempo"])
    >>> str(found.to_frame()["date"][0])
    '2016-05-23'
    """
    reached = progress or (lambda stage: None)
    reached("reading")
    source = read_event_file(path, columns=columns)
    frame, left_out = source.frame, {}
    if source.left_out:
        left_out["lines that are no rows"] = source.left_out
    if region is not None:
        frame, outside = rows_within(frame, region, columns)
        if outside:
            left_out["outside the region"] = outside
    wanted: dict[str, Selector | None] = {"outcome": outcome}
    chosen = frame[select(frame, wanted, columns)["outcome"]]
    reached("testing")
    result = change_points(chosen, columns=columns, **options)
    told = {
        "input": {"name": source.name, "sha256": source.sha256 or None},
        "exclusions": {**left_out, **result.provenance["exclusions"]},
        "parameters": {**result.provenance["parameters"], "outcome": outcome, "region": region},
    }
    return replace(result, provenance={**result.provenance, **told})


def rows_within(
    frame: pd.DataFrame, region: str, columns: Mapping[str, str] | None
) -> tuple[pd.DataFrame, int]:
    """Give the rows in a region, with those whose place is not known, and how many are not in it."""
    import numpy as np
    import pandas as pd

    box = read_box(region)
    if box is None:
        return rows_of_region(frame, region, dict(columns or {}))
    west, south, east, north = box
    names = [find_column(frame, what, columns) for what in ("lat", "lon")]
    if None in names:
        return frame, 0  # which column is missing is said where the rows are made standard
    lat, lon = (
        pd.to_numeric(frame[name], errors="coerce").to_numpy(float, na_value=np.nan) for name in names
    )
    # Rows without coordinates stay: they are counted as such.
    inside = (np.mod(lon - west, 360) <= np.mod(east - west, 360)) & (lat >= south) & (lat <= north)
    inside |= ~(np.isfinite(lat) & np.isfinite(lon))
    return frame[inside], int((~inside).sum())
