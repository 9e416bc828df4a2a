"""Check the standard errors: a block bootstrap that repeats drawing and matching."""

from __future__ import annotations

import math

import numpy as np

from .._result import CheckResult
from ._place_days import Floats
from ._radius import Radius, compare

__all__ = ["block_bootstrap", "bootstrap_check"]

# The two standard errors may differ by this factor; beyond it the check fails.
_FACTOR = 1.35


def block_bootstrap(radius: Radius, *, repeats: int, seed: int, jobs: int = 1) -> Floats:
    """Redraw blocks of days (at least two horizons long, all places), then draw, match and compare again.

    Returns the log ratios, shape (repeats, horizons).
    """
    from joblib import Parallel, delayed

    made = Parallel(n_jobs=jobs)(delayed(_once)(radius, seed, repeat) for repeat in range(repeats))
    return np.array(made)


def _once(radius: Radius, seed: int, repeat: int) -> Floats:
    plan, rng = radius.plan, np.random.default_rng([seed, 13, repeat])
    risk = plan.risk
    length = 2 * plan.horizon
    start = min(int(risk.struck.day.min()), int(risk.pool.day.min()))
    block = (risk.struck.day - start) // length
    pool_block = (risk.pool.day - start) // length
    blocks = np.unique(np.concatenate([block, pool_block]))
    times = np.bincount(rng.choice(blocks, len(blocks)), minlength=int(blocks.max()) + 1)
    again = np.repeat(np.arange(len(block)), times[block])
    if len(again) < 2:
        return np.full(len(plan.days), np.nan)
    weight = np.exp(risk.log_pool - risk.log_pool.max()) * times[pool_block]
    size = max(10 * len(again), 1000)
    drawn = rng.choice(len(weight), size, p=weight / weight.sum())
    draw = compare(plan, risk.struck.take(again), risk.log_struck[again], drawn)
    return draw.values[radius.where["log_ratio"]]


def bootstrap_check(radius: Radius, *, repeats: int = 200, seed: int = 0, jobs: int = 1) -> CheckResult:
    """Compare the standard errors of log ratios with those of the block bootstrap."""
    import pandas as pd

    drawn = block_bootstrap(radius, repeats=repeats, seed=seed, jobs=jobs)
    _, covariance = radius.part("log_ratio")
    ours, theirs = np.sqrt(np.diag(covariance)), np.nanstd(drawn, axis=0, ddof=1)
    table = pd.DataFrame({"days": radius.plan.days, "hac": ours, "bootstrap": theirs, "ratio": theirs / ours})
    worst = float(np.nanmax(np.abs(np.log(theirs / ours))))
    text = (
        f"Block bootstrap ({repeats} repeats, blocks of {2 * radius.plan.horizon} days) against the "
        f"analytic standard "
        f"errors: ratio {table['ratio'].min():.2f} to {table['ratio'].max():.2f}; allowed up to a factor "
        f"of {_FACTOR:g}."
    )
    return CheckResult("standard errors", bool(worst <= math.log(_FACTOR)), table, text)
