"""Leads: struck against comparison place-days in each of the weeks before that matching did not use."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from .._result import CheckResult
from ._maxt import correlation, max_t
from ._place_days import LEADS, Floats
from ._radius import Radius
from ._rows import normal_p, normal_quantile

__all__ = ["EQUIVALENCE_MARGIN", "SIZE", "leads_check", "normal_p_one", "pre_ratios"]

# A difference in the weeks before of up to this ratio is called alike.
EQUIVALENCE_MARGIN = 1.15
# Of every test among the checks.
SIZE = 0.05


def normal_p_one(z: float) -> float:
    """Give the one-sided p-value of a score that is large where the hypothesis is false."""
    return math.erfc(z / math.sqrt(2)) / 2


def pre_ratios(radius: Radius) -> tuple[Floats, Floats]:
    """Give log(struck / expected) of the pre-window kept for checks and of its weeks, and their covariance.

    NaN where none was recorded, or the expected number may be zero: its lower 95% bound is not positive.
    """
    struck, _ = radius.part("check_struck")
    expected, spread = radius.part("check_expected")
    _, covariance = radius.joint("check_struck", "check_expected")
    least = expected - normal_quantile(0.975) * np.sqrt(np.maximum(np.diag(spread), 0.0))
    ok = (struck > 0) & (least > 0)
    above, below = np.where(ok, struck, np.nan), np.where(ok, expected, np.nan)
    slope = np.hstack([np.diag(1 / above), np.diag(-1 / below)])
    return np.log(above / below), np.asarray(np.nan_to_num(slope) @ covariance @ np.nan_to_num(slope).T)


def leads_check(radii: Mapping[float, Radius]) -> CheckResult:
    """Test that no week before, of those not used in matching, tells struck from comparison place-days.

    Passed where each week is shown alike within the margin (two one-sided tests, so the size of the whole is
    at most 5%); failed where the largest of the weeks' scores, of all radii, passes its joint 5% critical
    value (within radii max-t, between them Bonferroni); neither is None.
    """
    import pandas as pd

    margin, one_sided = math.log(EQUIVALENCE_MARGIN), normal_quantile(1 - SIZE)
    lines: list[dict[str, Any]] = []
    apart = False
    for km, radius in radii.items():
        values, covariance = pre_ratios(radius)
        errors = np.sqrt(np.maximum(np.diag(covariance), 0.0))
        known = [k for k in range(1, len(values)) if math.isfinite(values[k]) and errors[k] > 0]
        if not known:
            continue
        joint = correlation(covariance[np.ix_(known, known)])
        critical = max_t(joint, level=1 - SIZE / len(radii), seed=0)
        apart = apart or bool((np.abs(values[known] / errors[known]) > critical).any())
        for k in known:
            value, error = float(values[k]), float(errors[k])
            alike = max(normal_p_one((value + margin) / error), normal_p_one((margin - value) / error))
            lines.append(
                {"km": km, "first_day": LEADS[k - 1][0], "last_day": LEADS[k - 1][1],
                 "ratio": math.exp(value), "low": math.exp(value - one_sided * error),
                 "high": math.exp(value + one_sided * error), "p_equivalent": alike,
                 "p_equal": normal_p(value / error), "critical": critical}
            )  # fmt: skip
    passed: bool | None = None
    if lines and all(line["p_equivalent"] <= SIZE for line in lines):
        passed = True
    elif apart:
        passed = False
    said = ", ".join(
        f"{x['ratio']:.2f} ({-x['last_day']} to {-x['first_day']} days before, {x['km']:g} km)" for x in lines
    )
    text = (
        f"Week by week before, in weeks that matching did not use, struck against comparison: "
        f"{said or 'none recorded'}; alike means each within a ratio of {EQUIVALENCE_MARGIN:g}."
    )
    return CheckResult("leads", passed, pd.DataFrame(lines), text)
