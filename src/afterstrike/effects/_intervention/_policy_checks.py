"""Checks of a stochastic intervention: overlap before and after fitting, mean weights, outcomes before."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .._result import CheckResult
from ._contrast import bartlett_variance
from ._weights import LEAST_EFFECTIVE, PolicyWeights, expected_effective_sample

__all__ = ["expected_overlap", "mean_weight_check", "outcomes_before", "overlap_check"]

Floats = npt.NDArray[np.float64]
Weights = Mapping[tuple[str, int], PolicyWeights]
# Size of each test, over all policies and lags together.
_SIZE = 0.05
# Periods before, first and last, whose mean outcomes are looked at.
_STRETCHES = ((1, 1), (2, 3), (4, 7))


def expected_overlap(
    counts: npt.NDArray[np.int64],
    factors: Sequence[float],
    lags: Sequence[int],
    *,
    one_period: bool,
    poisson: bool,
) -> CheckResult:
    """Say, before anything is fitted, what changes of scale leave at best."""
    import pandas as pd

    n, mean = len(counts), float(counts.mean())
    extra = float(counts.var(ddof=1)) - mean if n > 1 else 0.0
    size = math.inf if poisson or extra <= 0 else mean**2 / extra
    rows = [
        {
            "factor": factor,
            "lag": lag,
            "expected_effective_sample": expected_effective_sample(
                n_periods=n - lag,
                strikes_per_period=mean,
                factor=factor,
                lag=1 if one_period else lag,
                size=size,
            ),
        }
        for factor in factors
        for lag in lags
    ]
    table = pd.DataFrame(rows, columns=["factor", "lag", "expected_effective_sample"])
    left = "; ".join(
        f"{row['factor']:g} times, lag {row['lag']}: {row['expected_effective_sample']:.1f}" for row in rows
    )
    number = "Poisson" if math.isinf(size) else f"negative binomial (size {size:.2f})"
    text = (
        f"before fitting, {n} periods of {mean:.2f} strikes on average leave at best, with a {number} "
        f"number, {left or 'unknown, for policies of your own'}; {LEAST_EFFECTIVE:g} are needed "
        "for an interval."
    )
    return CheckResult("expected effective sample", None, table, text)


def overlap_check(weights: Weights) -> CheckResult:
    """Say what is left after fitting, and whether it is enough for an interval everywhere."""
    import pandas as pd

    rows: list[dict[str, Any]] = [
        {
            "policy": one.policy, "lag": one.lag, "effective_sample": one.effective_sample,
            "expected_sample": one.expected_sample, "usable_sample": one.usable_sample,
            "largest_share": float(one.shares.max()), "n_truncated": one.n_truncated,
        }
        for one in weights.values()
    ]  # fmt: skip
    table = pd.DataFrame(rows)
    weak = table[table["usable_sample"] < LEAST_EFFECTIVE]
    least = min(rows, key=lambda row: row["usable_sample"])
    text = (
        f"the smallest effective sample is {least['usable_sample']:.1f} ({least['policy']}, lag "
        f"{least['lag']}), its largest weight {least['largest_share']:.0%} of all; {len(weak)} of "
        f"{len(table)} are below {LEAST_EFFECTIVE:g}."
    )
    return CheckResult("effective sample", bool(not len(weak)), table, text)


def mean_weight_check(weights: Weights) -> CheckResult:
    """Test whether the weights have mean 1, as they must where the propensity is right."""
    rows = []
    for one in weights.values():
        if one.truncation is not None or one.log_weights.max() > 600:
            continue
        values = one.weights
        width = one.lag + int(len(values) ** (1 / 3))
        error = math.sqrt(float(bartlett_variance((values - values.mean())[:, None] / len(values), width)[0]))
        rows.append((one, values.mean(), error))
    return _tested(
        "mean weight",
        [(one, float(mean) - 1, error) for one, mean, error in rows],
        "mean weight minus 1",
        none="truncated weights do not have mean 1, so this cannot be tested.",
    )


def outcomes_before(weights: Weights, totals: Floats) -> CheckResult:
    """Test whether the weight of a single period goes with the outcomes of the periods before it.

    Given what was known before, a right weight has mean 1, so (weight - 1) times any earlier outcome has
    mean 0. Outcomes 1, 2 to 3 and 4 to 7 periods before are tested together, by chi-squared with three
    degrees of freedom. Where these outcomes are covariates of the propensity, they are balanced by the fit,
    and only what the covariates miss can show: a hidden cause that does not show in earlier outcomes is
    never found.

    Parameters
    ----------
    weights
        By policy and lag.
    totals
        Outcome of each period in one area, shape (n_periods,).
    """
    import pandas as pd
    from scipy.stats import chi2

    name, first = "outcomes before", max(last for _, last in _STRETCHES)
    sums = np.append(0.0, np.cumsum(totals))
    now = np.arange(first, len(totals))
    earlier = np.column_stack([(sums[now - a + 1] - sums[now - b]) / (b - a + 1) for a, b in _STRETCHES])
    rows: list[dict[str, Any]] = []
    for policy in dict.fromkeys(policy for policy, _ in weights):
        one = next(made for (label, _), made in weights.items() if label == policy)
        ratio = one.period_ratios[first:]
        if one.usable_sample < LEAST_EFFECTIVE or not np.isfinite(ratio).all() or np.abs(ratio).max() < 1e-9:
            continue
        parts = (np.exp(ratio) - 1)[:, None] * (earlier - earlier.mean(axis=0))
        mean, spread = parts.mean(axis=0), parts.T @ parts / len(parts) ** 2
        if np.linalg.cond(spread) > 1e12:
            continue
        statistic = float(mean @ np.linalg.solve(spread, mean))
        names = [f"mean_{a}_to_{b}_before" for a, b in _STRETCHES]
        moments = dict(zip(names, mean.tolist(), strict=True))
        p_value = float(chi2.sf(statistic, len(mean)))
        rows.append({"policy": policy, **moments, "statistic": statistic, "p_value": p_value})
    table = pd.DataFrame(rows)
    if not rows:
        return CheckResult(
            name, None, table, "nothing to test: no other policy has an effective sample of 30."
        )
    least = min(rows, key=lambda row: row["p_value"])
    passed = bool(least["p_value"] > _SIZE / len(rows))
    text = (
        f"weights of single periods {'do not' if passed else 'do'} go with outcomes of the seven periods "
        f"before (chi-squared {least['statistic']:.1f} on {len(_STRETCHES)}, p = {least['p_value']:.2g}, "
        f"{least['policy']}; size {_SIZE:g} over {len(rows)} tests). A hidden cause that earlier outcomes do "
        "not show is not found by this."
    )
    return CheckResult(name, passed, table, text)


def _tested(
    name: str, rows: Sequence[tuple[PolicyWeights, float, float]], what: str, *, none: str
) -> CheckResult:
    import pandas as pd
    from scipy.stats import norm

    # The same to rounding: the policy is what was done.
    kept = [row for row in rows if row[2] > 1e-12 and row[0].usable_sample >= LEAST_EFFECTIVE]
    table = pd.DataFrame(
        [
            {"policy": one.policy, "lag": one.lag, what: size, "std_error": error,
             "p_value": float(2 * norm.sf(abs(size / error)))}
            for one, size, error in kept
        ],
        columns=["policy", "lag", what, "std_error", "p_value"],
    )  # fmt: skip
    if not kept:
        told = (
            none
            if not rows
            else "nothing to test: no policy other than what was done has an effective sample of 30."
        )
        return CheckResult(name, None, table, told)
    least = table.to_dict("records")[int(np.argmin(table["p_value"]))]
    passed = bool(least["p_value"] > _SIZE / len(kept))
    text = (
        f"largest sign against it: {what} {least[what]:+.3g} (standard error {least['std_error']:.2g}, "
        f"p = {least['p_value']:.2g}; {least['policy']}, lag {least['lag']}); "
        f"{'no' if passed else 'a'} failure at size {_SIZE:g} over {len(kept)} tests."
    )
    return CheckResult(name, passed, table, text)
