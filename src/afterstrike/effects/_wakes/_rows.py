"""Rows of the result's table: one a window, with the columns every convention has and those of this one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ._radius import Radius, overlaps

__all__ = ["EXTRA_COLUMNS", "Window", "empty_row", "normal_p", "normal_quantile", "window_row"]

EXTRA_COLUMNS = (
    "rate_ratio",
    "rate_ratio_low",
    "rate_ratio_high",
    "rate_ratio_low_joint",
    "rate_ratio_high_joint",
    "quiet_days",
    "quiet_days_low",
    "quiet_days_high",
    "observed",
    "expected",
    "expected_low",
    "expected_high",
    "lagged",
    "lagged_low",
    "lagged_high",
    "difference",
    "difference_low",
    "difference_high",
    "smallest_fall",
    "smallest_rise",
    "between_draws_share",
    "n_left_out",
)
_POWER = 0.8
_COMMON = (
    "days", "km", "estimate", "std_error", "p_value", "low", "high", "level", "unit", "adj_r2", "intercept",
    "intercept_p", "n_treated", "n_control", "n_treated_matched", "n_control_matched",
    "l1_before", "l1_after",
    "common_support_before", "common_support_after", "so_pre", "so_post", "mo_pre", "mo_post",
)  # fmt: skip
UNIT = "recorded outcome events per strike place-day"


@dataclass(frozen=True)
class Window:
    """One window's ratio, on the logarithm: estimate and standard error, NaN where not estimable, and why."""

    log_ratio: float
    std_error: float
    reason: str


def normal_quantile(p: float) -> float:
    """Give the standard normal quantile."""
    from statistics import NormalDist

    return NormalDist().inv_cdf(p)


def normal_p(z: float) -> float:
    """Give the two-sided p-value of a standard normal score."""
    return math.erfc(abs(z) / math.sqrt(2)) if math.isfinite(z) else math.nan


def window_of(radius: Radius, number: int, level: float) -> Window:
    """Judge whether one window's ratio can be estimated."""
    z = normal_quantile((1 + level) / 2)
    expected, spread = _one(radius, "expected", number)
    if radius.part("struck")[0][number] <= 0:
        return Window(math.nan, math.nan, "not estimable: no outcome event was recorded behind any strike")
    if not expected - z * spread > 0:
        return Window(
            math.nan,
            math.nan,
            f"not estimable: expected events are {expected:.2f} per strike place-day with a lower bound "
            f"at or below 0",
        )
    value, error = _one(radius, "log_ratio", number)
    if not (math.isfinite(value) and error > 0):
        return Window(
            math.nan, math.nan, "not estimable: in some draws of the comparison no event was expected"
        )
    return Window(value, error, "")


def window_row(
    radius: Radius, number: int, window: Window, *, model: str, level: float, joint: float
) -> dict[str, Any]:
    """Give the row of one window. `joint` is the critical value that serves all windows at once."""
    plan = radius.plan
    days, z = plan.days[number], normal_quantile((1 + level) / 2)
    main, error = _one(radius, "difference" if model == "difference" else "lagged", number)
    row: dict[str, Any] = {
        "days": days,
        "km": plan.km,
        "estimate": main,
        "std_error": error,
        "p_value": normal_p(main / error) if error > 0 else math.nan,
        "low": main - z * error,
        "high": main + z * error,
        "level": level,
        "unit": UNIT,
        "adj_r2": _mean([draw.adj_r2[number] for draw in radius.draws]),
        "intercept": _mean([draw.intercept[number] for draw in radius.draws]),
        "intercept_p": math.nan,
        **_groups(radius, days),
    }
    expected, expected_error = _one(radius, "expected", number)
    row |= _ratio(window, days, z, joint)
    row |= {
        "observed": float(radius.part("struck")[0][number]),
        "expected": expected,
        "expected_low": expected - z * expected_error,
        "expected_high": expected + z * expected_error,
    }
    for name in ("lagged", "difference"):
        value, spread = _one(radius, name, number)
        row |= {name: value, f"{name}_low": value - z * spread, f"{name}_high": value + z * spread}
    found = (z + normal_quantile(_POWER)) * window.std_error
    row |= {
        "smallest_fall": 1 - math.exp(-found),
        "smallest_rise": math.exp(found) - 1,
        "between_draws_share": float(radius.between_share[radius.where["log_ratio"]][number]),
        "n_left_out": plan.n_without_record,
        "reason": window.reason,
    }
    return row


def empty_row(days: int, km: float, level: float, reason: str, **known: Any) -> dict[str, Any]:
    """Give the row of a window that cannot be estimated."""
    row: dict[str, Any] = dict.fromkeys((*_COMMON, *EXTRA_COLUMNS), math.nan)
    row |= {"days": days, "km": km, "level": level, "unit": UNIT}
    row |= dict.fromkeys(("n_treated", "n_control", "n_treated_matched", "n_control_matched"), 0)
    return row | known | {"reason": reason}


def _groups(radius: Radius, days: int) -> dict[str, Any]:
    plan, draws = radius.plan, radius.draws
    everyone = np.arange(len(plan.risk.struck))
    same = overlaps(plan.risk.struck, plan, everyone, days)
    mixed = overlaps(plan.risk.pool, plan, np.arange(len(plan.risk.pool)), days)
    return {
        "n_treated": len(everyone),
        "n_control": len(plan.risk.pool),
        "n_treated_matched": round(_mean([len(draw.matched.struck) for draw in draws])),
        "n_control_matched": round(_mean([draw.n_drawn for draw in draws])),
        "l1_before": _mean([draw.matched.l1_before for draw in draws]),
        "l1_after": _mean([draw.matched.l1_after for draw in draws]),
        "common_support_before": _mean([draw.matched.support_before for draw in draws]),
        "common_support_after": _mean([draw.matched.support_after for draw in draws]),
        "so_pre": same[0],
        "so_post": same[1],
        "mo_pre": mixed[0],
        "mo_post": mixed[1],
    }


def _ratio(window: Window, days: int, z: float, joint: float) -> dict[str, float]:
    low, high = (math.exp(window.log_ratio + side * z * window.std_error) for side in (-1, 1))
    low_joint, high_joint = (math.exp(window.log_ratio + side * joint * window.std_error) for side in (-1, 1))
    ratio = math.exp(window.log_ratio)
    return {
        "rate_ratio": ratio,
        "rate_ratio_low": low,
        "rate_ratio_high": high,
        "rate_ratio_low_joint": low_joint,
        "rate_ratio_high_joint": high_joint,
        "quiet_days": days * (1 - ratio),
        "quiet_days_low": days * (1 - high),
        "quiet_days_high": days * (1 - low),
    }


def _one(radius: Radius, name: str, number: int) -> tuple[float, float]:
    value, covariance = radius.part(name)
    return float(value[number]), math.sqrt(max(float(covariance[number, number]), 0.0))


def _mean(values: list[Any]) -> float:
    return float(np.mean(values))
