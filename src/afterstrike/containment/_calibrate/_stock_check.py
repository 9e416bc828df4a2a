"""Do the weighted members meet the dated states: one check a figure, and one of how many members speak."""

from __future__ import annotations

import numpy as np

from ...effects import CheckResult
from ._simulated import FEWEST_EFFECTIVE, StockTarget, Weighed

__all__ = ["stock_checks"]

SIZE = 0.05


def stock_checks(weighed: Weighed, *, seed: int) -> tuple[CheckResult, ...]:
    """Compare each figure with what the ranges alone gave (before weighting), two-sided, 5 %."""
    import pandas as pd

    rng = np.random.default_rng([seed, 4])
    found = []
    for k, target in enumerate(weighed.targets):
        states = weighed.simulated[:, k]
        stated = states * np.exp(rng.normal(0, target.spread, len(states)))
        low, high = _ends(target)
        below = float((stated < low).mean())
        above = float((stated > high).mean())
        p_value = min(2 * min(1 - below, 1 - above), 1.0)
        one, middle, two = np.quantile(states, [0.025, 0.5, 0.975])
        table = pd.DataFrame([{"low": low, "high": high, "simulated_low": one, "simulated": middle,
                               "simulated_high": two, "p_value": p_value, "figure": target.figure}])  # fmt: skip
        text = (
            f"Stated: {target.words()}. The world's ranges give {middle:,.0f} (95 %: {one:,.0f} to {two:,.0f}) before "
            f"they are held against it, p = {p_value:.2f}."
        )
        found.append(CheckResult(f"later state: {target.output}, {target.day}", p_value >= SIZE, table, text))
    members, share = len(weighed.weights), weighed.effective / len(weighed.weights)
    table = pd.DataFrame([{"effective": weighed.effective, "members": len(weighed.weights)}])
    text = f"{weighed.effective:,.0f} effective members of {members:,} ({share:.0%}); {FEWEST_EFFECTIVE:.0f} are needed."
    found.append(CheckResult("effective members", weighed.effective >= FEWEST_EFFECTIVE, table, text))
    return tuple(found)


def _ends(target: StockTarget) -> tuple[float, float]:
    if target.value is None:
        return float(target.low or 0), float(target.high or np.inf)
    return (target.value, np.inf) if target.approx == "over" else (target.value, target.value)
