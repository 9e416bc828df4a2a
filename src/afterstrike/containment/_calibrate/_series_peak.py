"""The peak of walk and coefficients given the other parameters, and the marginal likelihood there (Laplace).

The precision of the walk is tridiagonal and a dozen coefficients border it, so a Newton step costs one
tridiagonal factor and as many solves as there are coefficients.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ._series_counts import count_bends, count_slopes, count_value, third_moment_sum
from ._series_model import DAYS, Hyper, excitation_carry, own_week, suppression

__all__ = ["Peak", "Problem", "bent", "climb"]

Array = np.ndarray[Any, Any]

# A step that gains less than this leaves its square: far less than matters.
_STEPS, _TOLERANCE = 60, 1e-4
# A correction of the log evidence beyond this says that the expansion does not hold.
_MOST_BENT = 20.0


@dataclass(frozen=True, eq=False)
class Problem:
    """What is fitted.

    Parameters
    ----------
    counts, seen
        By source and week; where not seen the count is not used.
    carried
        Counts of the first source by week with the unseen filled in: what sets off further attacks.
    strikes
        By week.
    columns
        Season and other columns, (weeks, k), with `column_sd` of their coefficients.
    unit
        Memory that one strike adds.
    lag
        Weeks a strike must lie back to count.
    level, strike_effect
        Mean and sd.
    share_sd
        Of the log share of each source but the first.
    """

    counts: Array
    seen: Array
    carried: Array
    strikes: Array
    columns: Array
    column_sd: Array
    unit: float
    lag: int
    level: tuple[float, float]
    strike_effect: tuple[float, float]
    share_sd: float


@dataclass(frozen=True, eq=False)
class Peak:
    """The peak given one value of the other parameters.

    Parameters
    ----------
    walk
        u by week.
    coefficients
        Strike effect, columns, log shares of the sources but the first.
    log_evidence
        Log of the marginal likelihood, by Laplace.
    covariance
        Of the coefficients, the walk integrated out.
    precision, off
        Diagonal and side diagonal of the precision of the walk given the coefficients.
    border
        Second derivatives between walk and coefficients, (weeks, coefficients).
    """

    walk: Array
    coefficients: Array
    log_evidence: float
    covariance: Array
    precision: Array
    off: Array
    border: Array


class _Setting:
    """What stays the same while climbing."""

    def __init__(self, problem: Problem, hyper: Hyper) -> None:
        n, w = hyper.branching_ratio, own_week(hyper.excitation_days)
        gain = 1.0 / (1.0 - n * w)
        x = suppression(problem.strikes, hyper.lull_halflife, problem.unit, problem.lag)
        self.problem = problem
        self.design = np.column_stack([-x, problem.columns])
        self.base = (1.0 - n) * gain
        self.echo = n * gain * excitation_carry(problem.carried, hyper.excitation_days)
        self.excess = hyper.variance_ratio * gain**2 - 1.0
        self.step = hyper.drift_sd * math.sqrt(DAYS)
        sources, weeks = problem.counts.shape
        self.prior_mean = np.concatenate(
            [[problem.strike_effect[0]], np.zeros(self.design.shape[1] + sources - 2)]
        )
        self.prior_sd = np.concatenate(
            [[problem.strike_effect[1]], problem.column_sd, np.full(sources - 1, problem.share_sd)]
        )
        tight = 1.0 / self.step**2
        self.walk_diagonal = np.full(weeks, 2.0 * tight)
        self.walk_diagonal[0] = tight + 1.0 / problem.level[1] ** 2
        self.walk_diagonal[-1] -= tight
        self.walk_off = np.full(weeks - 1, -tight)

    def mean(self, walk: Array, coefficients: Array) -> tuple[Array, Array, Array]:
        """Give the rate that no attack set off, the mean of the first source, and all shares."""
        k = self.design.shape[1]
        rate = self.base * np.exp(np.minimum(walk + self.design @ coefficients[:k], 30.0))
        shares = np.exp(np.concatenate([[0.0], coefficients[k:]]))
        return rate, rate + self.echo, shares

    def value(self, walk: Array, coefficients: Array) -> float:
        """Give log likelihood and log prior, constants included."""
        problem = self.problem
        _, mean, shares = self.mean(walk, coefficients)
        told = count_value(problem.counts, problem.seen, shares[:, None] * mean, self.excess)
        moved = np.diff(walk) / self.step
        start = (walk[0] - problem.level[0]) / problem.level[1]
        off = (coefficients - self.prior_mean) / self.prior_sd
        prior = -0.5 * (moved @ moved + start**2 + off @ off)
        norm = (
            len(moved) * math.log(self.step) + math.log(problem.level[1]) + float(np.log(self.prior_sd).sum())
        )
        return float(told + prior - norm)

    def slopes(
        self, walk: Array, coefficients: Array, safe: bool
    ) -> tuple[Array, Array, Array, Array, Array]:
        """Give gradients of the loss and its second derivatives: walk (diagonal), border, coefficients."""
        problem = self.problem
        rate, mean, shares = self.mean(walk, coefficients)
        full = shares[:, None] * mean
        seen = problem.seen
        first, second = count_slopes(problem.counts, seen, full, self.excess)
        own = shares[:, None] * rate  # derivative of the mean by eta
        by_eta = (first * own).sum(axis=0)
        if safe:
            # What is expected of the second derivatives: one matrix that always climbs.
            spread = full * (1.0 + self.excess)
            bends, across, share_bend = (seen * part / spread for part in (own**2, own * full, full**2))
        else:
            bends = -(second * own**2 + first * own)
            across = -(second * full + first) * own  # eta against log share
            share_bend = -(second * full**2 + first * full)
        bend = bends.sum(axis=0)
        z = self.design
        slope_walk = -by_eta + self.walk_diagonal * walk
        slope_walk[1:] += self.walk_off * walk[:-1]
        slope_walk[:-1] += self.walk_off * walk[1:]
        slope_walk[0] -= problem.level[0] / problem.level[1] ** 2
        slope = np.concatenate([-(z.T @ by_eta), -(first * full).sum(axis=1)[1:]])
        slope += (coefficients - self.prior_mean) / self.prior_sd**2
        border = np.column_stack([bend[:, None] * z, across[1:].T])
        k = z.shape[1]
        dense = np.diag(1.0 / self.prior_sd**2)
        dense[:k, :k] += z.T @ (bend[:, None] * z)
        dense[:k, k:] = z.T @ across[1:].T
        dense[k:, :k] = dense[:k, k:].T
        dense[range(k, len(dense)), range(k, len(dense))] += share_bend.sum(axis=1)[1:]
        return slope_walk, slope, self.walk_diagonal + bend, border, dense


def _solve(
    slope_walk: Array, slope: Array, diagonal: Array, off: Array, border: Array, dense: Array
) -> tuple[Array, Array, Array, float] | None:
    """Solve the bordered system; give both parts, the Schur complement and the log determinant."""
    from scipy.linalg import lapack

    factor, side, failed = lapack.dpttrf(diagonal, off)
    if failed:
        return None
    solved, _ = lapack.dpttrs(factor, side, np.column_stack([slope_walk, border]))
    schur = dense - border.T @ solved[:, 1:]
    lower, failed = lapack.dpotrf(schur, lower=1)
    if failed:
        return None
    moved, _ = lapack.dpotrs(lower, slope - border.T @ solved[:, 0], lower=1)
    log_determinant = float(np.log(factor).sum()) + 2 * float(np.log(np.diag(lower)).sum())
    return solved[:, 0] - solved[:, 1:] @ moved, moved, schur, log_determinant


def climb(problem: Problem, hyper: Hyper, start: tuple[Array, Array] | None = None) -> Peak | None:
    """Find the peak by damped Newton steps; None where there is none to be found.

    Parameters
    ----------
    problem, hyper
        What is fitted, and the parameters given.
    start
        Walk and coefficients to begin from.
    """
    setting = _Setting(problem, hyper)
    if start is None:
        walk = np.full(problem.counts.shape[1], problem.level[0])
        coefficients = setting.prior_mean.copy()
    else:
        walk, coefficients = start
    value, safe = setting.value(walk, coefficients), start is None
    for _ in range(_STEPS):
        parts = setting.slopes(walk, coefficients, safe)
        step = _solve(parts[0], parts[1], parts[2], setting.walk_off, parts[3], parts[4])
        if step is None:
            if safe:
                return None
            safe = True
            continue
        gain = float(parts[0] @ step[0] + parts[1] @ step[1])
        size = 1.0
        while size > 1e-6:
            new = setting.value(walk - size * step[0], coefficients - size * step[1])
            if new >= value - 1e-10:
                break
            size /= 2
        walk, coefficients = walk - size * step[0], coefficients - size * step[1]
        value = max(new, value)
        if gain < _TOLERANCE:
            break
        # Near the peak the exact second derivatives; far from it those that always climb.
        safe = gain > 1.0
    return _at_peak(setting, walk, coefficients, value)


def _at_peak(setting: _Setting, walk: Array, coefficients: Array, value: float) -> Peak | None:
    for safe in (False, True):
        parts = setting.slopes(walk, coefficients, safe)
        found = _solve(parts[0], parts[1], parts[2], setting.walk_off, parts[3], parts[4])
        if found is not None:
            covariance = np.linalg.inv(found[2])
            return Peak(
                walk, coefficients, value - 0.5 * found[3], covariance, parts[2], setting.walk_off, parts[3]
            )
    return None


def bent(problem: Problem, hyper: Hyper, peak: Peak) -> Peak:
    """Give a peak with its evidence corrected for skew and tails (Shun and McCullagh 1995, first order).

    Where attacks that were set off make up most of a week, the log rate is bounded from above only: its posterior leans,
    and Laplace alone favours too little drift. Third and fourth derivatives by the log rate mend that.
    """
    from scipy.linalg import lapack

    setting = _Setting(problem, hyper)
    rate, mean, shares = setting.mean(peak.walk, peak.coefficients)
    three, four = count_bends(
        problem.counts, problem.seen, shares[:, None] * mean, shares[:, None] * rate, setting.excess
    )
    factor, side, _ = lapack.dpttrf(peak.precision, peak.off)
    weeks, k = peak.border.shape
    pulled, _ = lapack.dpttrs(factor, side, peak.border)
    # The log rate moves with the walk and, through the columns, with the coefficients.
    columns = np.zeros((weeks, k))
    columns[:, : setting.design.shape[1]] = setting.design
    lever = columns - pulled
    levers = lever @ np.linalg.cholesky((peak.covariance + peak.covariance.T) / 2)
    alone = _own_variance(factor, side)
    own = alone + (levers**2).sum(axis=1)
    lean = three * own
    leant, _ = lapack.dpttrs(factor, side, lean[:, None])
    leant, by_lever = leant[:, 0], lever.T @ lean
    both = float(lean @ leant + by_lever @ peak.covariance @ by_lever)
    gain = float(four @ own**2) / 8 + both / 8 + third_moment_sum(-side, alone, levers, three) / 12
    if not np.isfinite(gain) or abs(gain) > _MOST_BENT:
        return peak
    return replace(peak, log_evidence=peak.log_evidence + gain)


def _own_variance(factor: Array, side: Array) -> Array:
    """Give the diagonal of the inverse of a tridiagonal matrix, from its factors."""
    found = 1.0 / factor
    for t in range(len(factor) - 2, -1, -1):
        found[t] += side[t] ** 2 * found[t + 1]
    return found
