"""Weekly counts simulated from the model, for checks and for tests with a known truth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ._series_model import DAYS, HYPER, own_week

__all__ = ["simulate_weeks"]

Array = np.ndarray[Any, Any]
Strikes = Callable[[int, Array, Array, np.random.Generator], float]


def simulate_weeks(
    log_rate: Array,
    hyper: Array,
    *,
    strike_effect: Array,
    strikes: Array | Strikes,
    unit: float,
    lag: int = 1,
    shares: Array | None = None,
    rng: np.random.Generator,
) -> tuple[Array, Array]:
    """Draw series week by week, so that strikes may answer to what was recorded.

    Parameters
    ----------
    log_rate
        Log rate without strikes, (draws, weeks).
    hyper
        A row a draw, columns as in `HYPER`; the drift is in `log_rate` already.
    strike_effect
        b, (draws,).
    strikes
        By week; or, for one draw, a function of (week, counts so far, strikes so far, generator).
    unit
        Memory that one strike adds.
    lag
        Weeks a strike must lie back to count.
    shares
        What each source records against the first, (draws, sources, weeks); None: one source, all.

    Returns
    -------
    counts, strikes
        Shape (draws, sources, weeks) and (weeks,).
    """
    draws, weeks = log_rate.shape
    share = np.ones((draws, 1, weeks)) if shares is None else shares
    named = dict(zip(HYPER, np.asarray(hyper, float).T, strict=True))
    counts, hit = np.zeros((draws, share.shape[1], weeks)), np.zeros(weeks)
    n, rho = named["branching_ratio"], np.exp(-1.0 / named["excitation_days"])
    gain = 1.0 / (1.0 - n * np.array([own_week(days) for days in named["excitation_days"]]))
    excess = named["variance_ratio"] * gain**2 - 1.0
    keep = 2.0 ** (-DAYS / named["lull_halflife"])
    state, held = np.zeros(draws), np.zeros(draws)
    for week in range(weeks):
        if week:
            state = state * rho**7 + counts[:, 0, week - 1] / 7.0 * (1.0 - rho**7)
        if week >= lag:
            held = held * keep + hit[week - lag]
        carried = state * (1.0 - rho**7) / (1.0 - rho)
        x = -np.expm1(-unit * held * keep**lag)
        own = (1.0 - n) * np.exp(log_rate[:, week] - strike_effect * x)
        mean = gain * (own + n * carried)
        each = rng.gamma(share[:, :, week] * (mean / excess)[:, None]) * excess[:, None]
        counts[:, :, week] = rng.poisson(each)
        hit[week] = strikes(week, counts[0], hit, rng) if callable(strikes) else strikes[week]
    return counts, hit
