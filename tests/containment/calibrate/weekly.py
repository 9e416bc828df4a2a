"""Series with a known truth, shared by the tests of calibration."""

from __future__ import annotations

from typing import Any

import numpy as np

from afterstrike.containment._calibrate._series import WeeklySeries
from afterstrike.containment._calibrate._series_model import season_columns
from afterstrike.containment._calibrate._series_simulate import simulate_weeks

START = np.datetime64("2014-01-06")
HYPER = np.array(
    [[17.0, 0.015, 1.5, 0.3, 14.0]]
)  # half-life, drift, variance ratio, branching ratio, its days


def weekly(
    effect: float = 0.0,
    *,
    weeks: int = 156,
    level: float = 30.0,
    unit: float = 0.3,
    second: Any = None,
    first: Any = 1.0,
    seed: int = 1,
) -> WeeklySeries:
    """Simulate a series whose strikes answer to attacks; `second`: share of a second source, `first` of the first."""
    rng = np.random.default_rng(seed)
    walk = np.log(level) + np.cumsum(rng.normal(0, HYPER[0, 1] * 7**0.5, weeks))
    season = season_columns(weeks, 1, int(START.astype("int64"))) @ [0.1, -0.1]
    on = rng.random(weeks) < 0.35

    def strikes(week: int, counts: np.ndarray, hit: np.ndarray, generator: np.random.Generator) -> float:
        return float(generator.poisson(0.2 + on[week] * 0.07 * counts[0, week]))

    shares = np.ones((1, 1 if second is None else 2, weeks))
    if second is not None:
        shares[0, 1] = second
    counts, hit = simulate_weeks(
        (walk + season)[None], HYPER, strike_effect=np.array([effect]), strikes=strikes, unit=unit, shares=shares,
        rng=rng,
    )  # fmt: skip
    recorded = counts[0]
    recorded[0] = rng.binomial(recorded[0].astype(int), first)
    names = ("first",) if second is None else ("first", "second")
    return WeeklySeries(START + 7 * np.arange(weeks), recorded, hit, names)
