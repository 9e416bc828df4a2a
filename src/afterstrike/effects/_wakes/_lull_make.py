"""Make a lull of one window: ratio, curve, displacement, harm, power."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ._curve import Curve, fit_curve
from ._lull import Displacement, Harm, Lull
from ._placebo import placebo_runs
from ._radius import Radius
from ._rows import normal_quantile

if TYPE_CHECKING:
    import pandas as pd

    from .._study import Study
    from ._entry import WakeEstimates

__all__ = ["harm_of", "harm_of_rows", "make_lull"]


def make_lull(estimates: WakeEstimates, row: dict[str, Any], radius: Radius | None, *, placebos: int) -> Lull:
    """Give the lull of one row of the estimates."""
    study, days, km = estimates.study, int(row["days"]), float(row["km"])
    curve, table = None, None
    moved, day_zero = None, math.nan
    if radius is not None and row["days"] in radius.plan.days:
        curve = _curve(radius, days, estimates)
        struck = radius.plan.risk.struck
        day_zero = float(struck.between(0, 0, km).mean())
        moved = _displacement(radius, days, estimates.level)
    if curve is not None and radius is not None:
        table = _table(curve, radius, days, placebos, estimates.seed)
    n = int(row["n_treated"])
    return Lull(
        days=days,
        km=km,
        rate_ratio=row["rate_ratio"],
        low=row["rate_ratio_low"],
        high=row["rate_ratio_high"],
        level=row["level"],
        observed=row["observed"],
        expected=row["expected"],
        day_zero=day_zero,
        n_place_days=n,
        isolated_share=row["isolated_share"],
        smallest_fall=row["smallest_fall"],
        smallest_rise=row["smallest_rise"],
        curve=table,
        detectable_until=None if curve is None else curve.detectable_until(),
        displacement=moved if not row["reason"] else None,
        harm=harm_of(study),
        estimand=estimates.estimand,
        transport=_transport(study, n),
        reason=row["reason"],
    )


def _curve(radius: Radius, days: int, estimates: WakeEstimates) -> Curve | None:
    values, covariance = radius.joint("daily_struck", "daily_expected")
    whole = radius.plan.horizon
    kept = np.concatenate([np.arange(days), whole + np.arange(days)])
    values, covariance = values[kept], covariance[np.ix_(kept, kept)]
    return fit_curve(values[:days], values[days:], covariance, level=estimates.level, seed=estimates.seed)


def _table(curve: Curve, radius: Radius, days: int, placebos: int, seed: int) -> pd.DataFrame:
    import pandas as pd

    table = pd.DataFrame(
        {
            "days_since": np.arange(1, days + 1),
            "rate_ratio": np.exp(curve.log_ratio),
            "low": curve.low,
            "high": curve.high,
        }
    )
    if placebos:
        curves = placebo_runs(radius, repeats=placebos, seed=seed, days=days, errors=False).curve
        if len(curves):
            table["placebo_low"], table["placebo_high"] = np.exp(np.quantile(curves, [0.025, 0.975], axis=0))
    return table


def _displacement(radius: Radius, days: int, level: float) -> Displacement:
    number, z = radius.plan.days.index(days), normal_quantile((1 + level) / 2)
    names = ("struck", "expected", "ring_struck", "ring_expected")
    values, covariance = radius.joint(*names)
    many = len(radius.plan.days)
    at = number + many * np.arange(4)
    values, covariance = values[at], covariance[np.ix_(at, at)]

    def total(weights: tuple[int, int, int, int]) -> tuple[float, float, float]:
        w = np.array(weights, np.float64)
        value, error = float(w @ values), math.sqrt(max(float(w @ covariance @ w), 0.0))
        return value, value - z * error, value + z * error

    return Displacement(
        radius.plan.ring_km, total((-1, 1, 0, 0)), total((0, 0, 1, -1)), total((-1, 1, -1, 1))
    )


def harm_of(study: Study) -> Harm:
    """Add up civilian deaths of a study's strike rows that state them."""
    return harm_of_rows(study.treatment)


def harm_of_rows(rows: pd.DataFrame) -> Harm:
    """Add up civilian deaths of the rows that state them."""
    names = [f"civilian_fatalities_{end}" for end in ("low", "best", "high")]
    if not any(name in rows for name in names):
        return Harm(None, None, 0, len(rows))
    import pandas as pd

    stated = rows.reindex(columns=names).apply(pd.to_numeric, errors="coerce")
    some = stated.notna().any(axis=1)
    if not bool(some.any()):
        return Harm(None, None, 0, len(rows))
    least, most = stated[some].min(axis=1), stated[some].max(axis=1)
    return Harm(int(least.sum()), int(most.sum()), int(some.sum()), len(rows))


def _transport(study: Study, n: int) -> str:
    where = study.region if isinstance(study.region, str) else "the region studied"
    times = study.rows.time_ms
    years = [str(np.datetime64(int(ms), "ms").astype("datetime64[D]")) for ms in (times.min(), times.max())]
    return (
        f"These estimates come from {where}, {years[0]} to {years[1]}, {n} strike place-days. No estimate "
        f"is made for any "
        "one strike, place or time to come."
    )
