"""Simulated Hawkes processes, as clusters: those the baseline brings, those they excite, and so on."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ...errors import UsageError
from ._data import Floats

__all__ = ["simulate_hawkes"]


def simulate_hawkes(
    duration: float,
    *,
    rate: float | npt.ArrayLike,
    branching_ratio: float,
    memory_days: float | Sequence[float],
    shares: Sequence[float] = (1.0,),
    seed: int | np.random.Generator = 0,
) -> Floats:
    """Simulate event times; nothing before the start excites.

    Parameters
    ----------
    duration
        Days.
    rate
        Baseline events a day: a number, or one for each day from the start.
    branching_ratio
        Events that one event excites directly on average, from 0 up to but not including 1.
    memory_days
        Mean lag in days, or several for a mixture of exponentials.
    shares
        Share of the excited events by each lag of `memory_days`; they sum to 1.
    seed
        Or a generator.

    Returns
    -------
    array
        Days from the start, ascending.

    Raises
    ------
    UsageError
        A value is not one of these.

    Examples
    --------
    >>> times = simulate_hawkes(1000.0, rate=1.0, branching_ratio=0.5, memory_days=3.0, seed=1)
    >>> 1500 < len(times) < 2500
    True
    """
    lags, share = np.atleast_1d(np.asarray(memory_days, float)), np.asarray(shares, float)
    daily = np.asarray(rate, float)
    _check(duration, daily, branching_ratio, lags, share)
    rng = np.random.default_rng(seed)
    if daily.ndim:
        counts = rng.poisson(daily * np.minimum(1, duration - np.arange(len(daily))))
        young = np.repeat(np.arange(len(daily), dtype=float), counts) + rng.random(counts.sum())
        young = young[young < duration]
    else:
        young = rng.uniform(0, duration, rng.poisson(float(daily) * duration))
    found = [young]
    while len(young):
        children = np.repeat(young, rng.poisson(branching_ratio, len(young)))
        lag = lags[rng.choice(len(lags), len(children), p=share)] if len(lags) > 1 else lags[0]
        young = children + rng.exponential(1.0, len(children)) * lag
        young = young[young < duration]
        found.append(young)
    return np.sort(np.concatenate(found))


def _check(duration: float, daily: Floats, branching_ratio: float, lags: Floats, share: Floats) -> None:
    if not (math.isfinite(duration) and duration > 0):
        raise UsageError(f"duration={duration!r}; allowed a positive number of days")
    if not 0 <= branching_ratio < 1:
        raise UsageError(
            f"branching_ratio={branching_ratio!r}; allowed from 0 up to but not including 1: from 1 on, "
            "events never end"
        )
    if not (np.isfinite(daily).all() and (daily >= 0).all() and daily.ndim < 2):
        raise UsageError("rate: allowed a number from 0, or one for each day")
    if daily.ndim and len(daily) != math.ceil(duration):
        raise UsageError(f"{len(daily)} daily rates for {duration:g} days; give one for each day")
    if not ((lags > 0).all() and len(lags) == len(share) and (share >= 0).all()):
        raise UsageError("memory_days and shares: allowed positive days, and one share from 0 for each")
    if abs(share.sum() - 1) > 1e-9:
        raise UsageError(f"shares sum to {share.sum():g}; they must sum to 1")
