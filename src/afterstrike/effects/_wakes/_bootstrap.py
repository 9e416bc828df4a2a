"""Check the standard errors: a block bootstrap that repeats drawing and matching."""

from __future__ import annotations

from functools import partial

import numpy as np

from .._parallel import in_parallel
from .._result import CheckResult
from ._place_days import Floats
from ._placebo import ALLOWED_SPREAD, spread_verdict
from ._radius import Radius, compare

__all__ = ["block_bootstrap", "bootstrap_check"]


def block_bootstrap(radius: Radius, *, repeats: int, seed: int, jobs: int = 1) -> Floats:
    """Redraw blocks of days (at least two horizons long, all places), then draw, match and compare again.

    Returns the log ratios, shape (repeats, horizons).
    """
    return np.array(in_parallel(partial(_once, radius, seed), range(repeats), jobs=jobs))


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
    """Test the standard errors of log ratios against the spread of the block bootstrap.

    Failed where, at the longest horizon, the bootstrap is shown to spread more than the standard error by a
    factor beyond 1.2 (chi-squared, one-sided, 5%); passed where it is shown to spread less; else None.
    """
    import pandas as pd

    drawn = block_bootstrap(radius, repeats=repeats, seed=seed, jobs=jobs)
    _, covariance = radius.part("log_ratio")
    ours, theirs = np.sqrt(np.diag(covariance)), np.nanstd(drawn, axis=0, ddof=1)
    table = pd.DataFrame({"days": radius.plan.days, "hac": ours, "bootstrap": theirs, "ratio": theirs / ours})
    last = drawn[np.isfinite(drawn[:, -1]), -1]
    passed, _ = spread_verdict(last / ours[-1])
    text = (
        f"Block bootstrap ({len(last)} repeats, blocks of {2 * radius.plan.horizon} days) against the "
        f"analytic standard errors: it spreads {table['ratio'].min():.2f} to {table['ratio'].max():.2f} "
        f"times as much; allowed {ALLOWED_SPREAD:g} at the longest horizon."
    )
    return CheckResult("standard errors", passed, table, text)
