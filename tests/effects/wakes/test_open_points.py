"""What stands between an estimate and a word about its sign, in words a reader can count by."""

from __future__ import annotations

import pandas as pd

from afterstrike.effects._result import CheckResult
from afterstrike.effects._wakes._open_points import open_points

ROW = {
    "reason": "", "rate_ratio": 1.2, "rate_ratio_low_joint": 1.1, "rate_ratio_high_joint": 1.3,
    "lagged_low": 1.0, "lagged_high": 2.0, "difference_low": 0.5, "difference_high": 1.5,
}  # fmt: skip


def _placebo(as_far: int, p_value: float) -> CheckResult:
    table = pd.DataFrame([{"drawn": 200, "middle": 1.01, "as_far": as_far, "p_value": p_value}])
    return CheckResult("placebo strikes", True, table, "")


def test_placebos_that_give_as_much_are_told_in_whole_draws() -> None:
    points = open_points(ROW, [_placebo(84, 0.42)])
    assert points == ["placebo strikes give as much in 84 of 200 draws"]


def test_seldom_as_much_is_no_point() -> None:
    assert open_points(ROW, [_placebo(3, 0.02)]) == []
