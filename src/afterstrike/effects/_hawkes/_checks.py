"""Threats to a Hawkes estimate, looked at."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import EstimateRefused
from .._result import CheckResult
from ._fit import HawkesFit
from ._residuals import exponential_test, independence_test, longest_quiet, rescaled_tails
from ._robust import widest

if TYPE_CHECKING:
    import pandas as pd

    from ._prepare import Events

__all__ = [
    "branching_check",
    "drift_check",
    "gap_check",
    "leads_check",
    "residual_checks",
    "ties_check",
]

_SIZE = 0.05


def residual_checks(fit: HawkesFit) -> tuple[CheckResult, CheckResult]:
    """Test the rescaled gaps: unit exponential, and independent."""
    import pandas as pd

    gaps = fit.residuals()
    distance, p = exponential_test(gaps)
    q, p_order = independence_test(gaps)
    one = CheckResult(
        "residuals, unit exponential",
        p > _SIZE,
        pd.DataFrame([{"statistic": distance, "p_value": p, "mean": float(gaps.mean()), "n": len(gaps)}]),
        f"Kolmogorov-Smirnov distance {distance:.3f} over {len(gaps)} rescaled gaps, p = {p:.2g}; fitted to "
        "the same events, so it seldom fails, and small faults may pass.",
    )
    two = CheckResult(
        "residuals, independent",
        p_order > _SIZE,
        pd.DataFrame([{"statistic": q, "p_value": p_order, "n": len(gaps)}]),
        f"Ljung-Box statistic of the gaps' ranks over five lags {q:.1f}, p = {p_order:.2g}.",
    )
    return one, two


def gap_check(fit: HawkesFit, events: Events) -> CheckResult:
    """Look for a quiet so long that recording may have stopped, also one that lasts until the end."""
    import pandas as pd

    data = fit.data
    gaps = np.concatenate([fit.residuals(), rescaled_tails(fit)])
    at, p = longest_quiet(gaps)
    is_tail = at >= len(data.time)
    sequence = at - len(data.time) if is_tail else int(np.searchsorted(data.bounds, at, "right") - 1)
    after = int(data.bounds[sequence + 1]) if is_tail else at  # the event after the quiet, if there is one
    is_first = after == data.bounds[sequence]
    low = float(data.begin[sequence] if is_first else data.time[after - 1])
    high = float(data.end[sequence] - 1e-6 if is_tail else data.time[at])
    zone = data.zones[data.sequence_zone[sequence]]
    where = f" in {zone}" if len(data.zones) > 1 else ""
    told = (
        f"The longest quiet by the model{where} is {events.date(low)} to {events.date(high)}, where "
        f"{gaps[at]:.1f} events were expected (p = {p:.2g} for the longest of {len(gaps)})"
    )
    told += "." if p > _SIZE else "; if recording stopped there, declare it in gaps."
    row = {
        "zone": zone,
        "from": events.date(low),
        "to": events.date(high),
        "expected": gaps[at],
        "p_value": p,
    }
    return CheckResult("gaps in recording", bool(p > _SIZE), pd.DataFrame([row]), told)


def branching_check(fits: dict[str, HawkesFit], level: float) -> CheckResult:
    """Say how much is excited, with the baseline constant and drifting; fails where 1 cannot be ruled out."""
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for name, fit in fits.items():
        try:
            low, high = fit.branching_interval(level)
        except EstimateRefused:
            low, high = 0.0, math.inf  # an end that cannot be found bounds nothing
        rows.append(
            {
                "baseline": name,
                "branching_ratio": fit.branching_ratio,
                "low": low,
                "high": high,
                "memory_days": fit.memory_days,
            }
        )
    told = "; ".join(
        f"{row['baseline']} baseline {row['branching_ratio']:.2f} ({row['low']:.2f} to {row['high']:.2f}), "
        + ("no excitation" if math.isnan(row["memory_days"]) else f"mean lag {row['memory_days']:.1f} days")
        for row in rows
    )
    high = rows[-1]["high"]
    told += "." if high < 1 else ". From 1 on events never end, and totals over long times mean nothing."
    return CheckResult("branching ratio below 1", bool(high < 1), pd.DataFrame(rows), told)


def drift_check(fits: dict[str, HawkesFit], table: pd.DataFrame) -> CheckResult:
    """Compare the fits with a constant and a drifting baseline, at the longest horizon that both have estimated.

    Passes where the likelihood-ratio test does not tell them apart; fails where it does and one estimate lies
    outside the other's interval.
    """
    import pandas as pd
    from scipy.special import chdtrc

    constant, drift = fits["constant"], fits["drift"]
    gained = 2 * (drift.log_likelihood - constant.log_likelihood)
    df = len(drift.names) - len(constant.names)
    p = float(chdtrc(df, max(gained, 0.0)))
    known = table[table["rate_ratio"].notna()].set_index("days")
    shown = [known[known["baseline"] == name] for name in ("constant", "drift")]
    common = shown[0].index.intersection(shown[1].index)
    passed: bool | None = True if p > _SIZE else None
    told = f"Drift and cycles of the baseline against neither: likelihood ratio {gained:.1f} on {df} degrees, p = {p:.2g}"
    if len(common):
        one, two = (part.loc[common.max()] for part in shown)
        told += (
            f"; over {common.max():g} days the rate ratio is {one['rate_ratio']:.2f} with a constant baseline, "
            f"{two['rate_ratio']:.2f} with drift"
        )
        inside = two["rate_ratio_low"] <= one["rate_ratio"] <= two["rate_ratio_high"]
        back = one["rate_ratio_low"] <= two["rate_ratio"] <= one["rate_ratio_high"]
        if p <= _SIZE and not (inside and back):
            passed, told = False, told + ", outside one another's intervals"
    row = {"likelihood_ratio": gained, "df": df, "p_value": p}
    return CheckResult("drift, with and without", passed, pd.DataFrame([row]), told + ".")


def leads_check(fit: HawkesFit | None, why: str, block_days: int) -> CheckResult:
    """Test whether attacks were many or few 8 to 21 days before strikes; `fit` has two such columns first.

    Strikes that answer to attacks of the last days follow high days, and are allowed for, so the last 7 days
    before a strike are shown and not tested. Errors are as those of the effects: the largest of three.
    """
    import pandas as pd
    from scipy.special import ndtr

    name = "leads: strikes to come"
    if fit is None:
        return CheckResult(name, None, pd.DataFrame(), f"Not looked at: {why}")
    at = len(fit.names) - 2 - len(fit.data.lags) + np.arange(2)
    value = fit.estimate[at]
    by_zone, together = (fit.robust_covariance(block_days, shared=shared) for shared in (False, True))
    error = np.sqrt(np.diag(widest(by_zone, together, fit.covariance))[at])
    p = 2 * ndtr(-np.abs(value / error)) if (error > 0).all() else np.full(2, math.nan)
    table = pd.DataFrame(
        {"days": ["-21 to -8", "-7 to -1"], "log_effect": value, "std_error": error, "p_value": p}
    )
    far, near = (
        f"{math.exp(v):.2f} times as high ({math.exp(v - 1.96 * e):.2f} to {math.exp(v + 1.96 * e):.2f})"
        for v, e in zip(value, error, strict=True)
    )
    told = (
        f"8 to 21 days before a strike the baseline was {far}, earlier attacks allowed for, p = {p[0]:.2g}; in the "
        f"last 7 days {near}, which is no fault where strikes answer to recorded attacks."
    )
    return CheckResult(name, None if math.isnan(p[0]) else bool(p[0] > _SIZE), table, told)


def ties_check(rows: pd.DataFrame, moved: int, total: int) -> CheckResult:
    """Say how many times were drawn, how far estimates move when they are drawn again, and what that would add."""
    share = f"{moved} of {total} events have no clock time, or share one, and were moved within their day"
    if not moved:
        return CheckResult("times within the day", None, rows, "All events have a time of their own.")
    n = rows["branching_ratio"]
    told = (
        f"{share} by the seed; over {len(rows)} draws the branching ratio is {n.min():.2f} to {n.max():.2f}"
    )
    if (rows["log_std_error"] > 0).all():
        moves = np.log(rows["rate_ratio"]).std() / rows["log_std_error"].mean()
        told += (
            f", the rate ratio {rows['rate_ratio'].min():.2f} to {rows['rate_ratio'].max():.2f}: a spread of {moves:.0%} "
            f"of a standard error, not in the intervals, which it would widen by {math.hypot(1, moves) - 1:.1%}"
        )
    if rows["memory_days"].min() < 1:
        told += ". A mean lag under a day is not known from dates"
    return CheckResult("times within the day", None, rows, told + ".")
