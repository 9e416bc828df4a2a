"""Counts by period: from events by day, or as a series of equal periods brings them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ...errors import EstimateRefused, UsageError
from .._gaps import gap_days
from .._standard import _period_ms, find_column
from .._study import Study
from .._times import read_times
from .._zones import DAY_MS, study_days

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Dated", "dated_of"]

Floats = npt.NDArray[np.float64]
_YEAR_ONLY = 4
_SOURCES = ("source", "dataset")


@dataclass(frozen=True, eq=False)
class Dated:
    """Counts of equal periods.

    Parameters
    ----------
    first
        Day the first period begins.
    days
        Days in each.
    counts
        One a period.
    known
        Whether the source covers it: what it does not cover is missing, not zero.
    sources
        Who reports each event, where a column says so: (period, name).
    exclusions
        Rows left out, by reason.
    """

    first: np.datetime64
    days: int
    counts: Floats
    known: npt.NDArray[np.bool_]
    sources: tuple[npt.NDArray[np.int64], npt.NDArray[np.str_]] | None
    exclusions: Mapping[str, int]

    def day(self, period: int) -> np.datetime64:
        """Give the first day of a period."""
        return self.first + np.timedelta64(period * self.days, "D")

    def whole(self, first: np.datetime64, last: np.datetime64) -> tuple[int, int]:
        """Give the first period and the one after the last that lie wholly within days."""
        length = np.timedelta64(self.days, "D")
        low = -int((self.first - first) // length)
        high = int((last + np.timedelta64(1, "D") - self.first) // length)
        return max(low, 0), min(max(high, 0), len(self.counts))

    def total(self, low: int, high: int) -> tuple[float, int]:
        """Give counts and covered days of periods low to high - 1."""
        inside = slice(low, high)
        known = self.known[inside]
        return float(self.counts[inside][known].sum()), int(known.sum()) * self.days


def dated_of(
    events: Any,
    *,
    columns: Mapping[str, str] | None,
    period: tuple[str, str] | None,
    gaps: Sequence[tuple[str, str]],
) -> Dated:
    """Take events, a study's outcomes, or a series of counts.

    Raises
    ------
    UsageError
        It is none of these, a series whose periods are not equal, or a gap outside it.
    EstimateRefused
        There is no event with a day.
    """
    import pandas as pd

    if isinstance(events, pd.Series):
        made = _of_series(events)
        if period is not None:
            raise UsageError("period is for events; a series says itself which periods it has")
    elif isinstance(events, Study):
        if period is not None:
            raise UsageError("period is the study's own; declare it there: Study(..., period=...)")
        ends = study_days(events)
        made = _of_days(events.outcome, events.outcome["time_ms"].to_numpy(np.int64) // DAY_MS, ends, {})
    elif hasattr(events, "columns"):
        made = _of_events(events, columns, period)
    else:
        raise UsageError(
            f"events is a {type(events).__name__}; allowed a DataFrame of events, a Study, or a Series of counts "
            "indexed by the first day of each period"
        )
    known = made.known.copy()
    first = int(made.first.astype(np.int64))
    for span in gaps:
        low, last = gap_days(span, first, first + made.days * len(known) - 1)
        # A period of which a day is not covered is not known.
        known[(low - first) // made.days : (last - first) // made.days + 1] = False
    return Dated(made.first, made.days, made.counts, known, made.sources, made.exclusions)


def _of_series(series: pd.Series[Any]) -> Dated:
    import pandas as pd

    try:
        if series.index.dtype.kind in "iufb":
            raise ValueError("numbers")
        index = pd.DatetimeIndex(pd.to_datetime(series.index, format="ISO8601")).tz_localize(None)
    except (TypeError, ValueError) as error:
        raise UsageError(
            "a series of counts is indexed by days, as 2016-01-04; this index holds none"
        ) from error
    ordered = pd.Series(
        pd.to_numeric(series, errors="coerce").to_numpy(float), index=index.normalize()
    ).sort_index()
    if len(ordered) < 2 or ordered.index.has_duplicates or index.hasnans:
        raise UsageError(
            f"a series of {len(ordered)} counts; allowed at least two, each period once, each with a day"
        )
    if (ordered < 0).any():
        raise UsageError(
            f"{int((ordered < 0).sum())} counts are negative; allowed counts from 0, empty where not known"
        )
    gaps = np.diff(ordered.index.to_numpy("datetime64[D]")).astype(int)
    days = int(gaps.min())
    if (gaps % days).any():
        raise UsageError(
            f"periods of {days} to {int(gaps.max())} days; allowed equal periods, as days or weeks (sum months from days)"
        )
    whole = ordered.reindex(pd.date_range(ordered.index[0], ordered.index[-1], freq=f"{days}D"))
    # What the series leaves out is not known.
    known = whole.notna().to_numpy()
    return Dated(np.datetime64(whole.index[0], "D"), days, whole.fillna(0.0).to_numpy(float), known, None, {})


def _of_events(
    frame: pd.DataFrame, columns: Mapping[str, str] | None, period: tuple[str, str] | None
) -> Dated:
    column = find_column(frame, "time", columns)
    if column is None:
        raise UsageError("events need a column of time, as date_start; name it with columns={'time': ...}")
    if not len(frame):
        raise EstimateRefused("the table has no rows; give the events of the record")
    given = frame["date_start"] if column == "time_start" and "date_start" in frame else None
    times = read_times(frame[column]) if given is None else read_times(frame[column], fallback=given)
    coarse = times.coarse.copy()
    if "date_precision" in frame:
        coarse |= (frame["date_precision"] >= _YEAR_ONLY).fillna(False).to_numpy(bool)
    left_out = {
        "no date": int(times.missing.sum()),
        "year or month only": int((coarse & ~times.missing).sum()),
    }
    usable = ~(times.missing | coarse)
    day = times.ms // DAY_MS
    ends = None
    if period is not None:
        low, high = (ms // DAY_MS for ms in _period_ms(period))
        ends = low, high - 1
        left_out["outside the period"] = int((usable & ((day < low) | (day >= high))).sum())
        usable &= (day >= low) & (day < high)
    told = {why: count for why, count in left_out.items() if count}
    if not usable.any():
        why = "; ".join(f"{reason} ({count})" for reason, count in told.items())
        raise EstimateRefused(f"none of {len(frame)} rows can be counted by day{': ' if why else ''}{why}")
    day = day[usable]
    return _of_days(frame[usable], day, ends or (int(day.min()), int(day.max())), told)


def _of_days(
    frame: pd.DataFrame, day: npt.NDArray[np.int64], ends: tuple[int, int], exclusions: Mapping[str, int]
) -> Dated:
    at = day - ends[0]
    n = ends[1] - ends[0] + 1
    column = next((name for name in _SOURCES if name in frame), None)
    sources = None
    if column is not None:
        sources = at, frame[column].fillna("not stated").astype(str).to_numpy(np.str_)
    counts = np.bincount(at, minlength=n).astype(float)
    return Dated(np.datetime64(int(ends[0]), "D"), 1, counts, np.ones(n, bool), sources, exclusions)
