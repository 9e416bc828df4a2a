"""Threats to an interrupted series."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from .._panel._result import t_quantile
from .._result import CheckResult
from ._checks import WITHIN, within

if TYPE_CHECKING:
    import pandas as pd

    from ._before import Before
    from ._plain import PlainCounts

__all__ = ["missing_check", "placebo_check", "trend_check"]

_FEWEST = 19  # below this no rank can be as low as 5%
_MOST_BEYOND = 0.2


def placebo_check(others: pd.DataFrame, whole: tuple[float, float, float, float]) -> CheckResult:
    """Set the contrast among those at dates at which nothing is dated, each by its own standard error."""
    name = "placebo starts"
    _, _, value, error = whole
    if len(others) < _FEWEST or not math.isfinite(value):
        text = f"{len(others)} other dates could be tried; a rank needs {_FEWEST}."
        return CheckResult(name, None, others, text)
    t = (others["log_ratio"] / others["std_error"]).abs().to_numpy()
    rank = (1 + int((t >= abs(value / error)).sum())) / (1 + len(t))
    beyond = float((t > 1.96).mean())
    table = others.assign(rank_p=rank)
    passed = False if beyond > _MOST_BEYOND else None
    text = (
        f"The same contrast at {len(t)} dates before: as many standard errors from none as at the start in "
        f"{int((t >= abs(value / error)).sum())} of them (rank p = {rank:.2g}); {100 * beyond:.0f}% lie beyond 1.96, "
        f"where 5% should. Failed above {100 * _MOST_BEYOND:.0f}%: the trend then cannot be carried forward. "
        "Neighbouring dates share most of their data, so the rank is rough."
    )
    return CheckResult(name, passed, table, text)


def trend_check(fit: Before, other: Before, start: int, end: int, level: float, trend: str) -> CheckResult:
    """Set the ratio with and without a trend before the start beside each other."""
    import pandas as pd

    rows: list[dict[str, Any]] = []
    names = (trend, "none" if trend == "line" else "line")
    for label, one in zip(names, (fit, other), strict=True):
        _, _, value, error = one.compare(one.counts.between(start, end))
        z = t_quantile((1 + level) / 2, one.df)
        rows.append({
            "trend": label, "log_ratio": value, "std_error": error, "half": z * error, "rate_ratio": math.exp(value),
            "rate_ratio_low": math.exp(value - z * error), "rate_ratio_high": math.exp(value + z * error),
        })  # fmt: skip
    table = pd.DataFrame(rows).drop(columns="half")
    name = "trend before, with and without"
    if not np.isfinite(table["log_ratio"]).all():
        return CheckResult(name, None, table, "Cannot be looked at: nothing recorded or expected.")
    gap = abs(rows[0]["log_ratio"] - rows[1]["log_ratio"])
    passed = within(gap, rows[0]["half"], rows[1]["half"])
    told = "; ".join(
        f"{row['trend']}: {row['rate_ratio']:.2f} ({row['rate_ratio_low']:.2f} to {row['rate_ratio_high']:.2f})"
        for row in rows
    )
    text = f"Ratio over the campaign by trend: {told}. {WITHIN}."
    return CheckResult(name, passed, table, text)


def missing_check(counts: PlainCounts, start: int) -> CheckResult:
    """Say how many periods are missing."""
    import pandas as pd

    missing = ~np.isfinite(counts.count)
    table = pd.DataFrame({"start": counts.start[missing].astype("datetime64[D]").astype(str)})
    text = (
        f"{int(missing.sum())} of {len(missing)} {counts.by}s are missing and not counted as zero, "
        f"{int((missing & (counts.start < start)).sum())} of them before the start. One series has one recorder: a "
        "fall in reporting is a fall here."
    )
    return CheckResult("missing periods", None, table, text)
