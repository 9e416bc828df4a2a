"""Placebo strikes: place-days without a strike, posed as struck; the same estimate should find nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from .._parallel import in_parallel
from .._result import CheckResult
from ._curve import fit_curve
from ._hac import hac, overlap_kernel
from ._leads import SIZE
from ._place_days import Floats, Ints
from ._radius import Radius, compare
from ._rows import normal_quantile

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PlaceboRuns", "placebo_check", "placebo_runs", "spread_verdict"]

# A standard error may be too small by this factor before a check on it fails.
ALLOWED_SPREAD = 1.2
# The middle of placebo estimates may lie this far from no change, in standard errors of the estimate.
ALLOWED_SHIFT = 0.5


@dataclass(frozen=True)
class PlaceboRuns:
    """Estimates behind placebo strikes.

    `log_ratio` and `error` have shape (repeats, horizons), NaN where one could not be estimated; `curve`
    holds the logarithms of fitted curves, shape (fitted, days).
    """

    log_ratio: Floats
    error: Floats
    curve: Floats


def placebo_runs(
    radius: Radius, *, repeats: int, seed: int, days: int | None = None, jobs: int = 1, errors: bool = True
) -> PlaceboRuns:
    """Pose place-days without a strike as struck, and estimate as for strikes.

    They are drawn without repeats from the fitted intensity, as many as there were strikes; where control
    rows are the comparison, up to half of them pose and the rest compares. `errors=False` leaves standard
    errors out, which cost most of the time.
    """
    span = days or radius.plan.horizon
    once = partial(_once, radius, seed, span, errors)
    made = in_parallel(once, range(repeats), jobs=jobs)
    many = len(radius.plan.days)
    curves = [curve for _, _, curve in made if curve is not None]
    return PlaceboRuns(
        np.array([one for one, _, _ in made]).reshape(-1, many),
        np.array([error for _, error, _ in made]).reshape(-1, many),
        np.array(curves).reshape(-1, span),
    )


def _once(
    radius: Radius, seed: int, span: int, errors: bool, repeat: int
) -> tuple[Floats, Floats, Floats | None]:
    plan, rng = radius.plan, np.random.default_rng([seed, 11, repeat])
    posed, drawn = _pose(radius, rng)
    draw = compare(plan, plan.risk.pool.take(posed), plan.risk.log_pool[posed], drawn)
    where = radius.where
    value = draw.values[where["log_ratio"]]
    error = np.full(len(value), np.nan)
    if errors:
        kernel = overlap_kernel(draw.day, draw.at, km=plan.km, days=float(plan.horizon))
        covariance = hac(draw.parts[:, where["log_ratio"]], kernel, n_struck=len(draw.matched.struck))
        error = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    struck = draw.values[where["daily_struck"]][:span]
    expected = draw.values[where["daily_expected"]][:span]
    curve = fit_curve(struck, expected, np.eye(2 * span), level=0.5, seed=0)
    return value, error, None if curve is None else curve.log_ratio


def _pose(radius: Radius, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Give the positions in the pool of those that pose as struck, and of their comparison."""
    risk = radius.plan.risk
    size = min(len(risk.struck), len(risk.pool) // 2)
    if radius.plan.is_given:
        order = rng.permutation(len(risk.pool))
        return np.sort(order[:size]), np.sort(order[size:])
    weight = np.exp(risk.log_pool - risk.log_pool.max())
    posed = rng.choice(len(weight), size, replace=False, p=weight / weight.sum())
    drawn = risk.draw(max(len(draw.day) for draw in radius.draws), rng)
    return posed, drawn[~np.isin(drawn, posed)]


def spread_verdict(scores: Floats) -> tuple[bool | None, float]:
    """Test the spread of scores that should be 1 against what is allowed.

    False where it is shown to be more than allowed (chi-squared, one-sided, 5%), True where it is shown to be
    less, else None; and the spread.
    """
    from scipy.stats import chi2

    n = len(scores)
    if n < 3:
        return None, math.nan
    spread = float(scores.std(ddof=1))
    statistic = (n - 1) * (spread / ALLOWED_SPREAD) ** 2
    if statistic > chi2.ppf(1 - SIZE, n - 1):
        return False, spread
    return (True if statistic < chi2.ppf(SIZE, n - 1) else None), spread


def placebo_check(radius: Radius, runs: PlaceboRuns, *, seed: int) -> CheckResult:
    """Test that placebo strikes find nothing, and that they spread as the standard errors say.

    Failed where the mean of the placebo log ratios is shown to lie more than half a standard error of the
    estimate from zero, or where their scores are shown to spread by more than 1.2 (each one-sided at 5%);
    passed where both are shown not to; else None.
    """
    value, covariance = radius.part("log_ratio")
    estimate, own = float(value[-1]), math.sqrt(float(covariance[-1, -1]))
    ok = np.isfinite(runs.log_ratio[:, -1]) & (runs.error[:, -1] > 0)
    ratios, errors = runs.log_ratio[ok, -1], runs.error[ok, -1]
    if len(ratios) < 3:
        return CheckResult("placebo strikes", None, _frame([]), "No placebo strikes could be drawn.")
    middle, margin = float(ratios.mean()), ALLOWED_SHIFT * own
    half = normal_quantile(1 - SIZE) * float(ratios.std(ddof=1)) / math.sqrt(len(ratios))
    centred: bool | None = None
    if abs(middle) - half > margin:
        centred = False
    elif abs(middle) + half < margin:
        centred = True
    steady, spread = spread_verdict(ratios / errors)
    further = int((np.abs(ratios / errors) >= abs(estimate / own)).sum())
    passed = False if False in (centred, steady) else True if centred and steady else None
    line = {
        "km": radius.plan.km, "days": radius.plan.days[-1], "drawn": len(ratios), "middle": math.exp(middle),
        "allowed_low": math.exp(-margin), "allowed_high": math.exp(margin), "spread_of_scores": spread,
        "as_far": further, "p_value": (1 + further) / (1 + len(ratios)), "seed": seed,
    }  # fmt: skip
    text = (
        f"Drawn {len(ratios)} times; middle ratio {math.exp(middle):.2f} (one where the design invents "
        f"nothing, allowed {math.exp(-margin):.2f} to {math.exp(margin):.2f}); their estimates spread "
        f"{spread:.2f} times as much as their standard errors say (allowed {ALLOWED_SPREAD:g}); "
        f"{further} of {len(ratios)} lie as many standard errors from one as the estimate."
    )
    return CheckResult("placebo strikes", passed, _frame([line]), text)


def _frame(lines: list[dict[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(lines)
