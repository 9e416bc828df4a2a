"""From a file of events to the series designs in one call: what `afterstrike effect series` and `interrupted` run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import EstimateRefused
from .._from_file import estimate_from_file, outcome_of_file, with_file, zone_column
from .._standard import standardise
from .._zones import DAY_MS
from ._interrupted import interrupted_series
from ._lag import distributed_lag
from ._plain import counts_of_days

if TYPE_CHECKING:
    from ._result import SeriesResult

__all__ = ["interrupted_from_file", "series_from_file"]

Progress = Callable[[str], None]


def series_from_file(
    path: str | Path,
    *,
    treatment: str,
    outcome: str,
    columns: Mapping[str, str] | None = None,
    region: str | None = None,
    period: tuple[str, str] | None = None,
    progress: Progress = lambda stage: None,
    **options: Any,
) -> SeriesResult:
    """Estimate what followed strikes along time, from a file of events, as `distributed_lag` does from a `Study`.

    Parameters
    ----------
    path
        A record (`.duckdb`), CSV, TSV, Parquet, JSON lines or GeoJSON.
    treatment, outcome, columns, region, period, progress
        As in `wakes_from_file`.
    options
        As in `distributed_lag`: zones, by, lags, days, season, trend, trend_days, gaps, level, seed.

    Raises
    ------
    SourceError, RecordError
        The file cannot be read.
    UsageError, EstimateRefused
        As in `distributed_lag`.

    Examples
    --------
    >>> import tempfile
    >>> from afterstrike.effects.theatres import Theatre, simulate_theatre
    >>> spec = Theatre.preset("lull", overlap=None).with_strikes(rate_factor=1.0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     simulate_theatre(spec, seed=1).events.to_csv(f"{folder}/events.csv", index=False)
    ...     result = series_from_file(
    ...         f"{folder}/events.csv", treatment="strike", outcome="attack", zones="adm2", days=14)
    >>> bool(result.to_frame()["rate_ratio_high"].iloc[0] < 1)
    True
    """
    return estimate_from_file(
        path, lambda study: distributed_lag(study, **options), treatment=treatment, outcome=outcome, columns=columns,
        region=region, period=period, needed=zone_column(options.get("zones")), progress=progress,
    )  # fmt: skip


def interrupted_from_file(
    path: str | Path,
    *,
    outcome: str,
    treatment: str | None = None,
    columns: Mapping[str, str] | None = None,
    region: str | None = None,
    period: tuple[str, str] | None = None,
    progress: Progress = lambda stage: None,
    **options: Any,
) -> SeriesResult:
    """Compare a dated campaign with the time before it, from a file of events, as `interrupted_series` does.

    Parameters
    ----------
    path, outcome, columns, region, period, progress
        As in `wakes_from_file`.
    treatment
        Strike rows, where the file has them: for civilian harm, and to leave out the strikes' own events.
    options
        As in `interrupted_series`: start, end, days, by, season, trend, gaps, placebos, level.

    Raises
    ------
    SourceError, RecordError
        The file cannot be read.
    UsageError, EstimateRefused
        As in `interrupted_series`.

    Examples
    --------
    >>> import tempfile
    >>> from afterstrike.effects.theatres import Theatre, simulate_theatre
    >>> spec = Theatre.preset("lull", overlap=None).with_strikes(rate_factor=1.0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     simulate_theatre(spec, seed=1).events.to_csv(f"{folder}/events.csv", index=False)
    ...     result = interrupted_from_file(f"{folder}/events.csv", outcome="attack", start="2002-10-01")
    >>> result.to_frame()["days"].tolist()
    [90]
    """
    if treatment is not None:
        return estimate_from_file(
            path, lambda study: interrupted_series(study, **options), treatment=treatment, outcome=outcome,
            columns=columns, region=region, period=period, progress=progress,
        )  # fmt: skip
    progress("reading")
    chosen, source, left_out = outcome_of_file(path, outcome=outcome, columns=columns, region=region)
    rows, not_standard = standardise(
        chosen,
        role="outcome",
        columns=columns,
        region=None,
        period=period,
        coarse_dates="exclude",
        first_row=0,
    )
    left_out |= not_standard
    if not len(rows):
        told = "; ".join(f"{why} ({count})" for why, count in left_out.items()) or "none"
        raise EstimateRefused(f"no outcome rows are left; rows left out: {told}")
    day = rows["time_ms"].to_numpy(np.int64) // DAY_MS
    by = options.get("by", "week")
    counts = counts_of_days(day, by=by, period=period)
    if late := len(day) - int(counts.sum()):
        left_out[f"outcome: after the last whole {by}"] = late
    progress("estimating")
    return with_file(interrupted_series(counts, **options), source, exclusions=left_out)
