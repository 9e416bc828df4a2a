"""Repeats of a stochastic intervention: a block bootstrap that fits the propensity again, and outcomes moved
in time.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ...errors import UsageError
from .._parallel import in_parallel
from .._result import CheckResult
from ._policies import Policy, scaled_strikes
from ._propensity import Propensity
from ._run import Run
from ._weights import LEAST_EFFECTIVE, PolicyWeights

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["bootstrap_contrasts", "moved_outcomes"]

Floats = npt.NDArray[np.float64]
# The bootstrap is shown to spread more by chi-squared, one-sided, where it does so by more than this.
_ALLOWED, _SIZE = 1.2, 0.05
# Outcomes are moved by at least so many periods, or more than the longest lag, so that none still pairs them
# with their own strikes.
_LEAST_MOVE = 30


def bootstrap_contrasts(
    run: Run,
    table: pd.DataFrame,
    *,
    repeats: int = 200,
    block: int | None = None,
    seed: int = 0,
    jobs: int = 1,
    cluster: str | None = None,
) -> tuple[pd.DataFrame, CheckResult]:
    """Draw blocks of periods, fit the propensity again on each draw, and compare the policies again.

    Parameters
    ----------
    run, table
        Of an `InterventionResult`.
    repeats
        2 or more.
    block
        Periods a block; None: the longest lag and n^(1/3), as the analytic variance spans.
    seed, jobs, cluster
        Of the draws; see `in_parallel`.

    Returns
    -------
    tuple
        A table `policy_2, lag, area, estimate, std_error, bootstrap_error, bootstrap_low, bootstrap_high,
        n_repeats` (the interval holds the middle `level` of repeats), and a check of the standard errors.

    Raises
    ------
    UsageError
        The result is of the peer's convention, truncated, or an option is not allowed.
    """
    import pandas as pd

    first = run.policies[0].name
    lags = sorted({lag for _, lag in run.weights})
    n = run.propensity.space.n_periods
    block = max(lags) + int(n ** (1 / 3)) if block is None else block
    if isinstance(repeats, bool) or not isinstance(repeats, int) or repeats < 2:
        raise UsageError(f"repeats={repeats!r}; allowed whole numbers from 2")
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise UsageError(f"seed={seed!r}; allowed whole numbers from 0")
    if isinstance(block, bool) or not isinstance(block, int) or not 1 <= block <= n // 2:
        raise UsageError(f"block={block!r}; allowed whole numbers of periods from 1 to {n // 2}")
    if any(weights.truncation is not None for weights in run.weights.values()):
        raise UsageError("the bootstrap takes weights as they are; use InterventionDesign(truncation=None)")
    keys = [(name, lag) for name in (p.name for p in run.policies[1:]) for lag in lags]
    made = np.array(
        in_parallel(partial(_once, run, keys, block, seed), range(repeats), jobs=jobs, cluster=cluster)
    )
    level = float(table["level"].iloc[0])
    found = _by_contrast(table)
    rows = []
    for k, (name, lag) in enumerate(keys):
        for a, area in enumerate(run.areas):
            drawn = made[:, k, a][np.isfinite(made[:, k, a])]
            own = found[name, lag, area.name]
            ends = (
                np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2]) if len(drawn) > 1 else [math.nan] * 2
            )
            weak = min(run.weights[one, lag].usable_sample for one in (first, name)) < LEAST_EFFECTIVE
            rows.append(
                {
                    "policy_2": name, "lag": lag, "area": area.name, "estimate": float(own["estimate"]),
                    "std_error": float(own["std_error"]),
                    # Below an effective sample of 30 repeats share the few periods there are.
                    "bootstrap_error": math.nan if weak or len(drawn) < 2 else float(drawn.std(ddof=1)),
                    "bootstrap_low": math.nan if weak else float(ends[0]),
                    "bootstrap_high": math.nan if weak else float(ends[1]),
                    "n_repeats": len(drawn),
                }
            )  # fmt: skip
    out = pd.DataFrame(rows)
    return out, _errors_check(out, block)


def _by_contrast(table: pd.DataFrame) -> dict[tuple[str, int, str], dict[Any, Any]]:
    rows = table.to_dict("records")
    return {(str(row["policy_2"]), int(row["lag"]), str(row["area"])): row for row in rows}


def _once(run: Run, keys: list[tuple[str, int]], block: int, seed: int, repeat: int) -> Floats:
    """Give the contrasts of one draw, shape (keys, areas); NaN where the propensity cannot be fitted."""
    from ...errors import EstimateRefused

    rng = np.random.default_rng([seed, 17, repeat])
    n = run.propensity.space.n_periods
    starts = rng.integers(0, n, -(-n // block))
    drawn = (starts[:, None] + np.arange(block)).ravel()[:n] % n
    times = np.bincount(drawn, minlength=n).astype(np.float64)
    found = np.full((len(keys), run.totals.shape[1]), np.nan)
    try:
        fitted = run.propensity.refitted(times)
    except EstimateRefused:
        return found
    policies = {policy.name: _again(policy, run.propensity, fitted) for policy in run.policies}
    first = run.policies[0].name
    for k, (name, lag) in enumerate(keys):
        means = []
        for one in (first, name):
            weights = run.weights[one, lag]
            # A period's outcome counts as often as the period was drawn, with the weight of its own past.
            shares = np.exp(_logs(policies[one], fitted, weights)) * times[weights.outcome_period]
            if not shares.sum() > 0:
                break
            means.append(shares @ run.totals[weights.outcome_period] / shares.sum())
        if len(means) == 2:
            found[k] = means[1] - means[0]
    return found


def _again(policy: Policy, propensity: Propensity, fitted: Propensity) -> Policy:
    """Scale the propensity as it is now; a policy of any other kind stays what it is."""
    factor = policy.multiple_of(propensity)
    return policy if factor is None else scaled_strikes(fitted, factor, name=policy.name)


def _logs(policy: Policy, fitted: Propensity, weights: PolicyWeights) -> Floats:
    """Give the log weights under refitted densities, the largest of them 0."""
    ratio = policy.log_density - fitted.log_density
    running = np.lib.stride_tricks.sliding_window_view(ratio, weights.lag)
    logs = running.sum(axis=1) if weights.span == "every_period" else running[:, 0].copy()
    logs = logs[: len(weights.log_weights)]
    return np.asarray(logs - logs.max(), np.float64)


def _errors_check(table: pd.DataFrame, block: int) -> CheckResult:
    from scipy.stats import chi2

    known = table[table["bootstrap_error"].notna() & (table["std_error"] > 0)]
    if not len(known):
        return CheckResult("standard errors", None, table, "no contrast has an interval, so nothing to test.")
    ratio = known["bootstrap_error"] / known["std_error"]
    worst = int(np.argmax(ratio))
    freedom = int(known["n_repeats"].iloc[worst]) - 1
    statistic = freedom * float(ratio.iloc[worst]) ** 2
    # All contrasts are looked at, so the test is shared among them.
    passed = bool(chi2.sf(statistic / _ALLOWED**2, freedom) > _SIZE / len(known))
    text = (
        f"Block bootstrap ({freedom + 1} repeats, blocks of {block} periods, propensity fitted again each "
        f"time) against the analytic standard errors: it spreads {ratio.min():.2f} to {ratio.max():.2f} "
        f"times as much; allowed {_ALLOWED:g}."
    )
    return CheckResult("standard errors", passed, table, text)


def moved_outcomes(run: Run, table: pd.DataFrame, *, repeats: int = 200, seed: int = 0) -> CheckResult:
    """Move the outcomes in time against the strikes, and compare the policies again.

    They are moved by 30 periods or more, and by more than the longest lag. Strikes keep their weights and
    outcomes keep their ups and downs, so what is left is chance, and slow changes that both share. The check
    fails where the contrasts' spread is shown to exceed 1.2 times the standard errors (chi-squared,
    one-sided, 5% over all contrasts).
    """
    import pandas as pd
    from scipy.stats import chi2

    n = run.propensity.space.n_periods
    name = "outcomes moved in time"
    for what, value in (("moves", repeats), ("seed", seed)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise UsageError(f"{what}={value!r}; allowed whole numbers from 0")
    least = max(_LEAST_MOVE, 1 + max(lag for _, lag in run.weights))
    if n < 4 * least:
        said = f"{n} periods are too few to move outcomes by {least}."
        return CheckResult(name, None, pd.DataFrame(), said)
    rng = np.random.default_rng([seed, 19])
    moves = rng.choice(np.arange(least, n - least), min(repeats, n - 2 * least), replace=False)
    first, by_contrast = run.policies[0].name, _by_contrast(table)
    rows = []
    for (label, lag), two in run.weights.items():
        one = run.weights[first, lag]
        if label == first or min(one.usable_sample, two.usable_sample) < LEAST_EFFECTIVE:
            continue
        scale = two.shares - one.shares
        drawn = np.array([scale @ np.roll(run.totals, move, axis=0)[one.outcome_period] for move in moves])
        for a, area in enumerate(run.areas):
            own = by_contrast[label, lag, area.name]
            beyond = int((np.abs(drawn[:, a]) >= abs(float(own["estimate"]))).sum())
            rows.append(
                {"policy_2": label, "lag": lag, "area": area.name, "estimate": float(own["estimate"]),
                 "std_error": float(own["std_error"]), "spread": float(np.sqrt((drawn[:, a] ** 2).mean())),
                 "share_as_large": (beyond + 1) / (len(moves) + 1)}
            )  # fmt: skip
    found = pd.DataFrame(rows)
    if not len(found):
        return CheckResult(name, None, found, "no contrast has an interval, so nothing to test.")
    ratio = found["spread"] / found["std_error"]
    # Neighbouring moves are alike; so many are worth as independent draws as blocks fit the period.
    freedom = max(n // (int(found["lag"].max()) + int(n ** (1 / 3))), 2)
    passed = bool(chi2.sf(freedom * (float(ratio.max()) / _ALLOWED) ** 2, freedom) > _SIZE / len(found))
    text = (
        f"with outcomes moved against strikes {len(moves)} times, contrasts spread {ratio.min():.2f} to "
        f"{ratio.max():.2f} times as much as their standard errors say; allowed {_ALLOWED:g}."
    )
    return CheckResult(name, passed, found, text)
