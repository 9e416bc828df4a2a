"""The rate ratio by days since the strike, as one smooth curve with a band that holds for all days at once.

Ratios day by day are biased and jump; the curve is fitted to the sums of all wakes, day by day, at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ._maxt import correlation, max_t
from ._place_days import Floats

__all__ = ["Curve", "fit_curve"]


@dataclass(frozen=True)
class Curve:
    """Log rate ratio on days 1..H, its covariance and the critical value of the simultaneous band."""

    log_ratio: Floats
    covariance: Floats
    critical: float

    @property
    def low(self) -> Floats:
        """Lower edge of the band, as a ratio."""
        return np.exp(self.log_ratio - self.critical * self._spread())

    @property
    def high(self) -> Floats:
        """Upper edge of the band, as a ratio."""
        return np.exp(self.log_ratio + self.critical * self._spread())

    def _spread(self) -> Floats:
        return np.sqrt(np.maximum(np.diag(self.covariance), 0.0))

    def detectable_until(self) -> int | None:
        """Give the last day of the first run of days on which the band leaves out 1, or None."""
        apart = (self.low > 1) | (self.high < 1)
        if not apart.any():
            return None
        start = int(apart.argmax())
        rest = np.flatnonzero(~apart[start:])
        return start + (int(rest[0]) if len(rest) else len(apart) - start)


def fit_curve(
    struck: Floats, expected: Floats, covariance: Floats, *, level: float, seed: int
) -> Curve | None:
    """Fit a penalised cubic B-spline to sums by day.

    Parameters
    ----------
    struck, expected
        Mean attacks on each of days 1..H behind strikes, and the counterfactual.
    covariance
        Of both together, shape (2H, 2H).

    Returns
    -------
    Curve or None
        None where a counterfactual is not positive or fewer than three days are asked for.
    """
    days = len(struck)
    if days < 3 or struck.sum() <= 0 or np.any(expected <= 0):
        return None
    basis = _basis(days)
    bend = np.diff(np.eye(basis.shape[1]), 2, axis=0)
    # Smoothness is chosen by degrees of freedom, not from the outcome: 4, fewer in short curves.
    penalty = _penalty(basis, bend, expected / expected.sum(), wanted=min(4.0, 1 + days / 5))
    weight = expected / expected.sum()
    theta = np.full(basis.shape[1], np.log(struck.sum() / expected.sum()))
    for _ in range(50):
        ratio = np.exp(np.clip(basis @ theta, -20, 20))
        slope = basis.T @ (struck / expected.sum() - weight * ratio) - penalty @ theta
        curvature = (basis * (weight * ratio)[:, None]).T @ basis + penalty
        step = np.linalg.solve(curvature, slope)
        theta = theta + step * min(1.0, 2.0 / max(np.abs(step).max(), 1e-12))
        if np.abs(step).max() < 1e-10:
            break
    ratio = np.exp(basis @ theta)
    gain = basis @ np.linalg.solve(curvature, basis.T) / expected.sum()
    both = np.hstack([gain, -gain * ratio])
    spread = both @ covariance @ both.T
    return Curve(basis @ theta, spread, max_t(correlation(spread), level=level, seed=seed))


def _basis(days: int) -> Floats:
    from scipy.interpolate import BSpline

    inner = max(min(days // 3, 10), 1)
    step = (days - 1) / inner
    knots = 1 + step * np.arange(-3, inner + 4)
    return np.asarray(
        BSpline.design_matrix(
            np.arange(1, days + 1) - 1e-9 * (np.arange(days) == days - 1), knots, 3
        ).todense()
    )


def _penalty(basis: Floats, bend: Floats, weight: Floats, *, wanted: float) -> Floats:
    gram, rough = (basis * weight[:, None]).T @ basis, bend.T @ bend
    low, high = -12.0, 8.0
    for _ in range(60):
        middle = (low + high) / 2
        freedom = float(
            np.trace(np.linalg.solve(gram + np.exp(middle) * rough + 1e-12 * np.eye(len(gram)), gram))
        )
        low, high = (middle, high) if freedom > wanted else (low, middle)
    return np.asarray(np.exp(high) * rough + 1e-12 * np.eye(len(gram)))
