"""Does the propensity say where and when strikes fall: out of sample, cell by cell, and super-thinned."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from ...errors import EstimateRefused, UsageError
from .._result import CheckResult
from ._contrast import bartlett_variance
from ._propensity import Propensity, fit_propensity
from ._regions import Area, blocks_of
from ._space import EventPoints, SpaceTime

__all__ = ["propensity_checks", "super_thinned"]

Floats = npt.NDArray[np.float64]
_SIZE = 0.05
_CELLS, _FOLDS = 4, 5
# Cells where fewer are expected are put together: chi-squared needs some.
_FEWEST = 5.0
_CHUNK = 2_000_000


def propensity_checks(propensity: Propensity, *, seed: int = 0) -> tuple[CheckResult, ...]:
    """Look at a fitted propensity in three ways.

    Parameters
    ----------
    propensity
        Of the default convention, of at least 40 periods.
    seed
        Of super-thinning.

    Returns
    -------
    tuple of CheckResult
        `propensity out of sample`: log likelihood a strike of stretches of periods, each by fits to the
        others, beyond that of a constant intensity; passed where it is shown to be larger, failed where
        smaller (one-sided, 5% each). `places of strikes`: strikes in cells of a coarse grid against expected,
        given each period's number (chi-squared, 5%). `super-thinning`: whether the residual process is even
        over cells (chi-squared, 5%).

    References
    ----------
    Clements, R. A., Schoenberg, F. P. and Veen, A. (2012). Evaluation of space-time point process models
    using super-thinning. Environmetrics 23, 606-616. doi:10.1002/env.2168
    """
    areas = blocks_of(propensity.space, _CELLS)
    return (_out_of_sample(propensity), _places(propensity, areas), _thinned_check(propensity, areas, seed))


def _out_of_sample(fitted: Propensity) -> CheckResult:
    import pandas as pd
    from scipy.stats import norm

    name = "propensity out of sample"
    space, n = fitted.space, fitted.space.n_periods
    try:
        ours, plain = (
            fit_propensity(
                space, fitted.strikes, surfaces, model=fitted.model, ridge=fitted.ridge, folds=_FOLDS
            )
            for surfaces in (fitted.surfaces, ())
        )
    except (EstimateRefused, UsageError) as problem:
        return CheckResult(name, None, pd.DataFrame(), f"cannot be tested: {problem}")
    gain = ours.log_density - plain.log_density
    error = math.sqrt(float(bartlett_variance((gain - gain.mean())[:, None], int(n ** (1 / 3)))[0]))
    strikes = int(fitted.n_strikes.sum())
    total = float(gain.sum())
    # Without covariates both are the same.
    p_value = float(norm.sf(total / error)) if error > 1e-9 else 0.5
    passed = True if p_value < _SIZE else False if p_value > 1 - _SIZE else None
    table = pd.DataFrame(
        [{"log_likelihood": float(ours.log_density.sum()), "constant": float(plain.log_density.sum()),
          "gain_a_strike": total / strikes, "std_error": error / strikes, "p_value": p_value}]
    )  # fmt: skip
    text = (
        f"fitted to other stretches of time, the covariates add {total / strikes:+.3f} to the log likelihood "
        f"of a strike (standard error {error / strikes:.3f}; {_FOLDS} folds), against a constant intensity."
    )
    return CheckResult(name, passed, table, text)


def _intensities(fitted: Propensity) -> Iterator[tuple[int, Floats]]:
    """Give the intensity at the pixels inside, some periods at a time, with the first period."""
    n_pixels = int(fitted.space.inside.sum())
    each = max(1, _CHUNK // n_pixels)
    for first in range(0, fitted.space.n_periods, each):
        last = min(first + each, fitted.space.n_periods)
        yield first, np.exp(fitted.log_inside(first, last))


def _cell_of(space: SpaceTime, areas: list[Area]) -> npt.NDArray[np.int64]:
    """Give the cell of each pixel that lies whole in the window, -1 for all others.

    A pixel cut by the border stands in the fit with its whole area, and holds strikes of its part only.
    """
    x = space.bounds[0] + np.arange(space.shape[1] + 1) * space.step_km[0]
    y = space.bounds[1] + np.arange(space.shape[0] + 1) * space.step_km[1]
    # A hair inwards: corners on the border of a box are inside it.
    shrink = 1 - 1e-9
    middle_x, middle_y = (x[0] + x[-1]) / 2, (y[0] + y[-1]) / 2
    corner = space.in_window(
        *np.meshgrid(middle_x + shrink * (x - middle_x), middle_y + shrink * (y - middle_y))
    )
    whole = corner[:-1, :-1] & corner[1:, :-1] & corner[:-1, 1:] & corner[1:, 1:] & space.inside
    found = np.full(space.shape, -1, np.int64)
    for k, area in enumerate(areas):
        found[area.mask & whole & (found < 0)] = k
    return found


def _places(fitted: Propensity, areas: list[Area]) -> CheckResult:
    import pandas as pd

    space = fitted.space
    cell = _cell_of(space, areas)
    row, column = space.pixel_of(fitted.strikes.x_km, fitted.strikes.y_km)
    at = cell[row, column]
    numbers = np.bincount(fitted.strikes.period[at >= 0], minlength=space.n_periods)
    mask = (cell[space.inside][:, None] == np.arange(len(areas))).astype(np.float64)
    expected, variance = np.zeros(len(areas)), np.zeros(len(areas))
    for first, intensity in _intensities(fitted):
        share = intensity @ mask
        share /= np.maximum(share.sum(axis=1, keepdims=True), 1e-300)
        number = numbers[first : first + len(share)]
        expected += number @ share
        variance += number @ (share * (1 - share))
    seen = np.bincount(at[at >= 0], minlength=len(areas)).astype(np.float64)
    table = pd.DataFrame(
        {"cell": [area.name for area in areas], "strikes": seen, "expected": expected,
         "residual": (seen - expected) / np.sqrt(np.maximum(variance, 1e-12))}
    )  # fmt: skip
    statistic, freedom, p_value = _even(seen, expected)
    if freedom < 1:
        return CheckResult("places of strikes", None, table, "too few strikes to look at cells.")
    worst = table.iloc[int(table["residual"].abs().argmax())]
    text = (
        f"strikes in {len(areas)} cells against expected, given each period's number: chi-squared "
        f"{statistic:.1f} on {freedom}, p = {p_value:.2g}; farthest off {worst['cell']} "
        f"({worst['strikes']:.0f} against {worst['expected']:.1f})."
    )
    return CheckResult("places of strikes", bool(p_value > _SIZE), table, text)


def _even(seen: Floats, expected: Floats) -> tuple[float, int, float]:
    """Compare counts with expected ones by chi-squared, cells with few expected put together."""
    from scipy.stats import chi2

    few = expected < _FEWEST
    counts = np.append(seen[~few], seen[few].sum())
    wanted = np.append(expected[~few], expected[few].sum())
    kept = wanted >= min(_FEWEST, 1.0)
    wanted = wanted[kept] * counts[kept].sum() / max(wanted[kept].sum(), 1e-12)
    freedom = int(kept.sum()) - 1
    statistic = float(((counts[kept] - wanted) ** 2 / wanted).sum()) if freedom > 0 else 0.0
    return statistic, freedom, float(chi2.sf(statistic, freedom)) if freedom > 0 else math.nan


def super_thinned(propensity: Propensity, *, rate: float | None = None, seed: int = 0) -> EventPoints:
    r"""Give the residual process: strikes thinned where many are expected, points added where few are.

    A strike stays with probability :math:`\min(1, k / \lambda)`, and points are added with intensity
    :math:`\max(k - \lambda, 0)`. Where the propensity is right, the result is even with intensity k.

    Parameters
    ----------
    propensity
        As fitted.
    rate
        k, per km2 and period; None: the mean intensity.
    seed
        Of thinning and adding.
    """
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise UsageError(f"seed={seed!r}; allowed whole numbers from 0")
    space, rng = propensity.space, np.random.default_rng([seed, 23])
    area = space.pixel_km2 * int(space.inside.sum())
    if rate is None:
        rate = float(propensity.expected.mean()) / area
    if not isinstance(rate, int | float) or not (math.isfinite(rate) and rate > 0):
        raise UsageError(f"rate={rate!r}; allowed a number above 0, or None for the mean intensity")
    strikes = propensity.strikes
    kept = rng.random(len(strikes)) < rate / np.exp(propensity.log_at(strikes))
    x, y, period = [strikes.x_km[kept]], [strikes.y_km[kept]], [strikes.period[kept]]
    pixel_y, pixel_x = np.nonzero(space.inside)
    wide, high = space.step_km
    for first, intensity in _intensities(propensity):
        lacking = np.maximum(rate - intensity, 0.0) * space.pixel_km2
        number = rng.poisson(lacking)
        at, pixel = np.nonzero(number)
        many = number[at, pixel]
        at, pixel = np.repeat(at, many), np.repeat(pixel, many)
        x.append(space.x_km[pixel_x[pixel]] + (rng.random(len(at)) - 0.5) * wide)
        y.append(space.y_km[pixel_y[pixel]] + (rng.random(len(at)) - 0.5) * high)
        period.append(first + at)
    return EventPoints(np.concatenate(x), np.concatenate(y), np.concatenate(period).astype(np.int64))


def _thinned_check(fitted: Propensity, areas: list[Area], seed: int) -> CheckResult:
    import pandas as pd

    points = super_thinned(fitted, seed=seed)
    cell = _cell_of(fitted.space, areas)
    row, column = fitted.space.pixel_of(points.x_km, points.y_km)
    at = cell[row, column]
    seen = np.bincount(at[at >= 0], minlength=len(areas)).astype(np.float64)
    pixels = np.bincount(cell[cell >= 0], minlength=len(areas)).astype(np.float64)
    expected = pixels / pixels.sum() * seen.sum()
    statistic, freedom, p_value = _even(seen, expected)
    table = pd.DataFrame({"cell": [area.name for area in areas], "points": seen, "expected": expected})
    if freedom < 1:
        return CheckResult("super-thinning", None, table, "too few strikes to look at cells.")
    text = (
        f"the residual process of {len(points)} points over {len(areas)} cells: chi-squared {statistic:.1f} "
        f"on {freedom}, p = {p_value:.2g}, for being even."
    )
    return CheckResult("super-thinning", bool(p_value > _SIZE), table, text)
