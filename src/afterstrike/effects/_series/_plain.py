"""One series of counts: from a study, or as the user brings it; missing periods are missing, not zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ...errors import EstimateRefused, UsageError
from .._gaps import gap_days
from .._study import Study
from ._counts import By, Gap, count_zones, day_number, day_text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PlainCounts", "counts_of_days", "plain_counts"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_MOST_DAYS = 32


@dataclass(frozen=True, eq=False)
class PlainCounts:
    """A series of counts.

    Parameters
    ----------
    start
        First day of each period, as days since 1970, ascending; periods follow each other without holes.
    step
        Days of a period: 1, 7, or 30 for months.
    count
        Counts; NaN where missing.
    """

    start: Ints
    step: int
    count: Floats = field(repr=False)

    @property
    def by(self) -> str:
        """`day`, `week` or `month`."""
        return {1: "day", 7: "week"}.get(self.step, "month")

    @property
    def end(self) -> Ints:
        """Last day of each period."""
        if self.step == 30:
            months = self.start.astype("datetime64[D]").astype("datetime64[M]") + 1
            return months.astype("datetime64[D]").astype(np.int64) - 1
        return self.start + self.step - 1

    def between(self, first: int, last: int) -> npt.NDArray[np.bool_]:
        """Say which periods lie wholly in some days."""
        return (self.start >= first) & (self.end <= last)


def plain_counts(data: Study | pd.Series[Any] | pd.DataFrame, *, by: By, gaps: Sequence[Gap]) -> PlainCounts:
    """Read a study (all zones together) or a table of counts.

    Raises
    ------
    UsageError
        No dates, uneven periods, counts that are none, or a gap outside the series.
    EstimateRefused
        No count above zero.
    """
    if isinstance(data, Study):
        counted = count_zones(data, zones=None, by=by, gaps=gaps)
        count = np.where(counted.missing[0], np.nan, counted.attacks[0])
        start = counted.first_day + counted.step * np.arange(len(count))
        return PlainCounts(start.astype(np.int64), counted.step, count)
    made = _from_table(data)
    for gap in gaps:
        one, two = gap_days(gap, int(made.start[0]), int(made.end[-1]))
        made.count[(made.start <= two) & (made.end >= one)] = np.nan
    if not np.nansum(made.count) > 0:
        raise EstimateRefused("no count above zero in the series; nothing can be compared")
    return made


def counts_of_days(day: Ints, *, by: By, period: tuple[str, str] | None) -> pd.Series[Any]:
    """Count rows by week or day from their days, over the declared period or that of the rows."""
    import pandas as pd

    step = 7 if by == "week" else 1
    first, last = (
        (int(day.min()), int(day.max())) if period is None else (day_number("period", end) for end in period)
    )
    n = (last - first + 1) // step
    inside = (day >= first) & (day < first + n * step)
    count = np.bincount((day[inside] - first) // step, minlength=n).astype(np.float64)
    return pd.Series(count, index=pd.to_datetime((first + step * np.arange(n)).astype("datetime64[D]")))


def _from_table(data: Any) -> PlainCounts:
    import pandas as pd

    if isinstance(data, pd.DataFrame):
        if not {"date", "count"} <= set(data.columns):
            raise UsageError(
                f"a table of counts has {list(data.columns)}; allowed the columns date and count"
            )
        data = pd.Series(data["count"].to_numpy(), index=data["date"])
    if not isinstance(data, pd.Series):
        raise UsageError(
            f"{type(data).__name__} is no series of counts; allowed a Study, a pandas Series by date, or a table "
            "with date and count"
        )
    when = pd.to_datetime(pd.Series(data.index), errors="coerce", format="ISO8601")
    if when.isna().any():
        raise UsageError(
            f"{int(when.isna().sum())} dates of the series cannot be read; write them as 2016-07-01"
        )
    if when.duplicated().any():
        raise UsageError(
            f"{int(when.duplicated().sum())} dates of the series come twice; sum or drop them first"
        )
    value = pd.to_numeric(pd.Series(data.to_numpy()), errors="coerce").to_numpy(np.float64)
    bad = np.isfinite(value) & ((value < 0) | (value != np.floor(value)))
    if bad.any() or np.isinf(value).any():
        raise UsageError(
            f"{int(bad.sum())} counts are below zero or no whole number; allowed counts, or missing"
        )
    if len(when) < 3:
        raise EstimateRefused(f"{len(when)} periods; a series needs more")
    day = when.to_numpy("datetime64[D]").astype(np.int64)
    order = np.argsort(day)
    return _even(day[order], value[order])


def _even(day: Ints, value: Floats) -> PlainCounts:
    """Put periods on an even grid; those not in the table are missing."""
    gap = int(np.median(np.diff(day)))
    if gap in (1, 7):
        place = (day - day[0]) / gap
        start = day[0] + gap * np.arange(int(place[-1]) + 1)
    elif 28 <= gap < _MOST_DAYS:
        month = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        place, gap = (month - month[0]).astype(np.float64), 30
        start = (month[0] + np.arange(int(place[-1]) + 1)).astype("datetime64[M]").astype("datetime64[D]")
        start = start.astype(np.int64)
    else:
        raise UsageError(
            f"periods {gap} days apart; allowed days, weeks or months, each dated by its first day"
        )
    at = np.round(place).astype(np.int64)
    if (np.abs(place - at) > 1e-9).any() or len(np.unique(at)) < len(at):
        first = (
            day_text(int(day[np.flatnonzero(np.abs(place - at) > 1e-9)[0]])) if (place != at).any() else ""
        )
        raise UsageError(
            f"periods are not even (first off at {first or 'a date that comes twice'}); use even weeks"
        )
    count = np.full(len(start), np.nan)
    count[at] = value
    return PlainCounts(start, gap, count)
