"""From files of events and of control to a seam contrast in one call: what `afterstrike effect seams` runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import EstimateRefused, UsageError
from .._event_file import read_event_file
from .._from_file import rows_within, with_file, zone_column

if TYPE_CHECKING:
    from ._exposure import Measure, SeamExposure
    from ._fit import Model
    from ._panel import By
    from ._result import SeamResult

__all__ = ["seams_from_file"]


def seams_from_file(
    path: str | Path,
    *,
    outcome: str,
    control: str | Path | None = None,
    shares: str | Path | None = None,
    zones: str | None = None,
    by: By = "week",
    measure: Measure = "density",
    contact_km: float = 1.0,
    carry_forward_days: int = 0,
    coordination: str | Path | None = None,
    properties: Mapping[str, str] | None = None,
    time_zone: str = "UTC",
    model: Model = "poisson",
    columns: Mapping[str, str] | None = None,
    region: str | None = None,
    period: tuple[str, str] | None = None,
    placebos: int = 199,
    seed: int = 0,
    progress: Callable[[str], None] = lambda stage: None,
) -> SeamResult:
    """Estimate how recorded attacks go with exposure to borders, from files.

    Parameters
    ----------
    path
        Events: a record (`.duckdb`), CSV, TSV, Parquet, JSON lines or GeoJSON.
    outcome
        A kind, or conditions as in `"kind=attack;initiator=IS"`.
    control, shares
        One of the two: a GeoJSON file of areas of control, or a CSV file of shares of the ground.
    zones
        With `control` a GeoJSON file of zones. With `shares` a column that both the events and the shares have;
        None: one zone.
    by, model, placebos, seed
        As in `seam_contrast`.
    measure, contact_km, carry_forward_days
        As in `seam_exposure`; the exposure is asked for on every day of the period that has a map.
    coordination
        A CSV file as in `seam_exposure`.
    properties
        Names of `party`, `date`, `valid_from`, `valid_to`, `zone` in the files of control and zones; of shares
        `date` is the column of days.
    time_zone
        Of the days of `shares`.
    columns, region, period, progress
        As in `wakes_from_file`.

    Returns
    -------
    SeamResult

    Raises
    ------
    SourceError, RecordError
        A file cannot be read.
    UsageError
        An option is not allowed, or a column is missing.
    EstimateRefused
        The rows cannot carry the estimate.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np, pandas as pd
    >>> rng, weeks = np.random.default_rng(1), pd.date_range("2018-01-01", periods=60, freq="7D")
    >>> share = rng.uniform(0, 100, 60).round(1)
    >>> shares = pd.DataFrame({"date": weeks.strftime("%Y-%m-%d"), "A": share, "B": 100 - share})
    >>> days = weeks[0] + pd.to_timedelta(rng.integers(0, 420, 500), unit="D")
    >>> events = pd.DataFrame({"kind": "attack", "date": days.strftime("%Y-%m-%d"), "lat": 35.0, "lon": 40.0})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     shares.to_csv(f"{folder}/shares.csv", index=False)
    ...     events.to_csv(f"{folder}/events.csv", index=False)
    ...     result = seams_from_file(f"{folder}/events.csv", outcome="attack", shares=f"{folder}/shares.csv")
    >>> result.to_frame()["reason"].iloc[0]
    'one zone: borders cannot be told from whatever else changed over time'
    """
    from ._contrast import seam_contrast

    if (control is None) == (shares is None):
        raise UsageError("allowed one of control (areas, GeoJSON) and shares (CSV); got both or neither")
    progress("reading")
    source = read_event_file(path, columns=columns, needed=zone_column(zones) if shares is not None else [])
    frame, outside = source.frame, 0
    if region is not None:
        frame, outside = rows_within(frame, region, columns)
        if not len(frame):
            raise UsageError(f"region={region!r} holds none of {outside} rows")
    progress("exposure")
    if shares is not None:
        from ._shares import share_exposure

        day = dict(properties or {}).get("date", "date")
        exposure = share_exposure(
            shares, date=day, zone=zones, carry_forward_days=carry_forward_days, time_zone=time_zone
        )
    else:
        exposure = _from_areas(
            control, zones, period, measure=measure, contact_km=contact_km, carry=carry_forward_days,
            coordination=coordination, properties=properties,
        )  # fmt: skip
    progress("estimating")
    result = seam_contrast(
        frame, exposure, outcome=outcome, zones=zones if shares is not None else None, by=by, period=period,
        model=model, placebos=placebos, columns=columns, seed=seed,
    )  # fmt: skip
    counted = {"outside the region": outside, "lines that are no rows": source.left_out}
    return with_file(
        result,
        source,
        exclusions={**result.provenance["exclusions"], **{why: n for why, n in counted.items() if n}},
        control=_origin(control if control is not None else shares),
    )


def _from_areas(
    control: Any, zones: str | None, period: tuple[str, str] | None, *, measure: Measure, contact_km: float,
    carry: int, coordination: str | Path | None, properties: Mapping[str, str] | None,
) -> SeamExposure:  # fmt: skip
    """Measure the exposure on every day of the period, or of the areas of control."""
    from .._panel._weeks import whole as check_whole
    from ._exposure import seam_exposure
    from ._polygons import control_days

    if zones is None or not Path(zones).is_file():
        raise UsageError(
            f"zones={zones!r}; areas of control need a GeoJSON file of zones (a column names zones with shares only)"
        )
    check_whole("carry_forward_days", carry, 0, 366)
    days = control_days(control, properties, carry).astype("datetime64[D]")
    if period is not None:
        try:
            first, last = (np.datetime64(day, "D") for day in period)
        except ValueError:
            raise UsageError(f"period={period}; allowed two days as ('2016-01-01', '2018-12-31')") from None
        if last < first:
            raise UsageError(f"period={period}: the first day lies after the last; turn them round")
        inside = days[(days >= first) & (days <= last)]
        if not len(inside):
            raise EstimateRefused(
                f"control is stated on no day from {first} to {last}; areas are of {days[0]} to {days[-1]}"
            )
        days = inside
    table = None
    if coordination is not None:
        table = read_event_file(coordination).frame
    return seam_exposure(
        control, zones=zones, dates=days, measure=measure, contact_km=contact_km, carry_forward_days=carry,
        coordination=table, columns=properties,
    )  # fmt: skip


def _origin(path: Any) -> dict[str, str]:
    import hashlib

    return {"name": Path(path).name, "sha256": hashlib.sha256(Path(path).read_bytes()).hexdigest()}
