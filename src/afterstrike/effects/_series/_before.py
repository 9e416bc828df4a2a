"""The time before a campaign, fitted and carried forward; other dates tried as starts."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ...errors import EstimateRefused
from ._columns import YEAR
from ._errors import by_time, reach
from ._model import larger
from ._negbin import CountModel, fit_counts
from ._plain import PlainCounts

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FEWEST_BEFORE", "Before", "changes_table", "fit_before", "placebo_starts"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
_YEARS_FOR_SEASON = 2.0
_YEARS_FOR_PLACEBO = 1.25
# Periods that a trend is fitted to.
FEWEST_BEFORE = {1: 90, 7: 26, 30: 18}


@dataclass(frozen=True, eq=False)
class Before:
    """A fit of the time before, with means carried over the whole series.

    Parameters
    ----------
    counts, mean
        The series, and its expected counts.
    residual
        Pearson residuals before the start, NaN elsewhere.
    df
        Degrees of freedom left.
    has_season
        Whether yearly waves are in it.
    """

    counts: PlainCounts
    mean: Floats
    residual: Floats
    df: int
    has_season: bool
    dispersion: float
    columns: Floats = field(repr=False)
    covariance: Floats = field(repr=False)
    widening: float = 1.0

    def compare(self, chosen: Bools) -> tuple[float, float, float, float]:
        """Give counts recorded and expected in some periods, the log ratio, and its standard error."""
        chosen = chosen & np.isfinite(self.counts.count)
        observed, expected = float(self.counts.count[chosen].sum()), float(self.mean[chosen].sum())
        if observed == 0 or expected <= 0:
            return observed, expected, math.nan, math.nan
        ratio = observed / expected
        slope = (self.mean[chosen, None] * self.columns[chosen]).sum(axis=0) / expected
        carried = float(slope @ self.covariance @ slope)
        now = self.mean[chosen] * ratio
        own = self.widening * float((now + self.dispersion * now**2).sum()) / observed**2
        return observed, expected, math.log(ratio), math.sqrt(carried + own)


def fit_before(counts: PlainCounts, *, start: int, season: str, trend: str) -> Before:
    """Fit the counts before `start`.

    Raises
    ------
    EstimateRefused
        The columns cannot be told apart.
    """
    before = (counts.end < start) & np.isfinite(counts.count)
    columns, names, has_season = _columns(counts, before, season, trend)
    model = _fit(counts, columns, before, names)
    covariance = _covariance(model, np.nan_to_num(counts.count), columns, before)
    df = int(before.sum()) - columns.shape[1] - 1
    mean = np.exp(np.clip(model.own[0, 0] + columns @ model.shared, -30, 15))
    residual = model.residual(np.nan_to_num(counts.count)[None, :])[0]
    return Before(
        counts, mean, residual, df, has_season, model.dispersion,
        np.column_stack([np.ones(len(mean)), columns]), covariance, _widening(residual[before], df),
    )  # fmt: skip


def _columns(
    counts: PlainCounts, before: Bools, season: str, trend: str
) -> tuple[Floats, tuple[str, ...], bool]:
    """Give trend and season over the whole series, trend counted from the middle of the time before."""
    day = (counts.start + counts.end) / 2
    span = float(day[before].max() - day[before].min())
    parts, names = [], []
    if trend == "line":
        parts.append((day - day[before].mean()) / YEAR)
        names.append("trend")
    has_season = season == "year" or (season == "auto" and span >= _YEARS_FOR_SEASON * YEAR - 31)
    if has_season:
        for wave in (1, 2):
            parts += [np.cos(2 * np.pi * wave * day / YEAR), np.sin(2 * np.pi * wave * day / YEAR)]
            names += [f"yearly wave {wave}, cosine", f"yearly wave {wave}, sine"]
    if counts.step == 1 and season != "none":
        parts += [(counts.start % 7 == k) - 1 / 7 for k in range(1, 7)]
        names += [f"day of the week {k}" for k in range(1, 7)]
    return (np.column_stack(parts) if parts else np.empty((len(day), 0))), tuple(names), has_season


def _fit(counts: PlainCounts, columns: Floats, used: Bools, names: tuple[str, ...]) -> CountModel:
    table = np.nan_to_num(counts.count)[None, :]
    return fit_counts(table, columns[None], np.ones((len(columns), 1)), used[None], names=names)


def _covariance(model: CountModel, count: Floats, columns: Floats, used: Bools) -> Floats:
    """Give the covariance of the constant and the columns, robust in time."""
    curve = np.where(used, model.mean[0] / (1 + model.dispersion * model.mean[0]), 0.0)
    whole = np.column_stack([np.ones(len(columns)), columns])
    bread = np.linalg.inv(whole.T @ (whole * curve[:, None]) + 1e-12 * np.eye(whole.shape[1]))
    plain = bread
    away = np.where(used, (count - model.mean[0]) / (1 + model.dispersion * model.mean[0]), 0.0)
    score = (whole * away[:, None])[None]
    spread = np.sqrt(np.maximum(model.mean[0] + model.dispersion * model.mean[0] ** 2, 1e-12))
    residual = np.where(used, (count - model.mean[0]) / spread, 0.0)
    bread = bread * _excess(residual, int(used.sum()) - whole.shape[1])
    return larger(by_time(plain, score, reach(int(used.sum()), 1), whole.shape[1]), bread)


def _excess(residual: Floats, df: int) -> float:
    """Give the Pearson ratio with the coefficients counted: the fitted dispersion is a little too small."""
    return max(float(residual @ residual) / max(df, 1), 1.0)


def _widening(residual: Floats, df: int) -> float:
    """Give how much more sums of counts spread as residuals hang together in time; at least 1."""
    n = len(residual)
    away = residual - residual.mean()
    size = float(away @ away) / n
    if size <= 0:
        return 1.0
    lags = reach(n, 1)
    total = 1.0
    for lag in range(1, lags + 1):
        total += 2 * (1 - lag / (lags + 1)) * float(away[lag:] @ away[:-lag]) / n / size
    return max(total, 1.0) * _excess(residual, df)


def changes_table(
    counts: PlainCounts, start: int, end: int, *, season: str, trend: str, level: float
) -> pd.DataFrame:
    """Fit before and campaign together: how level and slope change at the start."""
    import pandas as pd
    from scipy.special import ndtri

    known = np.isfinite(counts.count)
    before, during = known & (counts.end < start), known & counts.between(start, end)
    columns, names, _ = _columns(counts, before, season, trend)
    day = (counts.start + counts.end) / 2
    step = during.astype(np.float64)
    added, labels = [step], ["level"]
    if during.sum() >= 4:
        added.append(step * (day - start) / 30.0)
        labels.append("slope, for each 30 days,")
    whole = np.column_stack([columns, *added])
    try:
        model = _fit(counts, whole, before | during, (*names, *labels))
    except EstimateRefused:
        return pd.DataFrame({"what": [], "ratio": [], "low": [], "high": []})
    covariance = _covariance(model, np.nan_to_num(counts.count), whole, before | during)[1:, 1:]
    z = float(ndtri((1 + level) / 2))
    at = len(names) + np.arange(len(labels))
    value, error = np.clip(model.shared[at], -20, 20), np.sqrt(np.clip(np.diag(covariance)[at], 0.0, 100.0))
    return pd.DataFrame({
        "what": labels, "ratio": np.exp(value), "low": np.exp(value - z * error), "high": np.exp(value + z * error),
    })  # fmt: skip


def placebo_starts(
    counts: PlainCounts, start: int, end: int, *, season: str, trend: str, most: int, has_season: bool
) -> pd.DataFrame:
    """Take the same contrast at other dates before the start, over as many periods or as many as there are."""
    import pandas as pd

    known = np.isfinite(counts.count)
    length = int(counts.between(start, end).sum())
    last = int(np.flatnonzero(counts.end < start)[-1])
    fewest = FEWEST_BEFORE[counts.step]
    if season == "year" or (season == "auto" and has_season):
        # Waves are kept at every date: without them a season would be taken for changes.
        season, fewest = "year", max(fewest, math.ceil(_YEARS_FOR_PLACEBO * YEAR / counts.step))
    first = int(np.searchsorted(np.cumsum(known), fewest)) + 1
    # Half of what is left may be a window, so that several dates can be tried.
    length = max(min(length, (last + 1 - first) // 2), 1)
    begins = np.arange(first, last + 2 - length)
    if most == 0 or not len(begins):
        return pd.DataFrame({"start": [], "periods": [], "log_ratio": [], "std_error": []})
    begins = begins[np.unique(np.linspace(0, len(begins) - 1, min(most, len(begins))).round().astype(int))]
    rows = []
    for begin in begins:
        day = int(counts.start[begin])
        try:
            fit = fit_before(counts, start=day, season=season, trend=trend)
        except EstimateRefused:
            continue
        window = np.zeros(len(known), bool)
        window[begin : begin + length] = True
        _, _, value, error = fit.compare(window)
        if math.isfinite(value):
            rows.append(
                {
                    "start": str(np.datetime64(day, "D")),
                    "periods": length,
                    "log_ratio": value,
                    "std_error": error,
                }
            )
    return pd.DataFrame(rows, columns=["start", "periods", "log_ratio", "std_error"])
