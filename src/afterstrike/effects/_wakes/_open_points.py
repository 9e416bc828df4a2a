"""What stands between an estimate and a word about its sign."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._result import CheckResult

__all__ = ["open_points"]


def open_points(row: Mapping[Any, Any], checks: Sequence[CheckResult]) -> list[str]:
    """Say what stands between one window and a word about its sign; empty where nothing does.

    Nothing does where the interval that serves all windows at once leaves out no change, both outcome models
    have the same sign with intervals that leave out zero, no check failed, struck and comparison places were
    shown alike in the weeks before, and placebo strikes seldom lie as far from one.
    """
    if row["reason"]:
        return [str(row["reason"])]
    points = []
    if row["rate_ratio_low_joint"] <= 1 <= row["rate_ratio_high_joint"]:
        points.append("the interval that serves all windows at once holds no change")
    side = row["rate_ratio"] - 1
    for name, label in (("lagged", "lagged outcome"), ("difference", "difference-in-differences")):
        if min(row[f"{name}_low"] * side, row[f"{name}_high"] * side) <= 0:
            points.append(f"the interval of the {label} form, in attacks, holds zero or the other sign")
    for check in checks:
        if check.passed is False:
            points.append(f'the check "{check.check_name}" failed')
        elif check.passed is None and check.check_name.startswith("level before"):
            points.append(
                "struck and comparison places could be shown neither alike nor different in the weeks before"
            )
        if check.check_name == "placebo strikes" and len(check.table):
            found = check.table.iloc[0]
            if found["p_value"] > 0.05:
                # a row of mixed columns holds its counts as floats
                times, drawn = int(found["as_far"]), int(found["drawn"])
                points.append(f"placebo strikes give as much in {times} of {drawn} draws")
    return points
