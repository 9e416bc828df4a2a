"""The forecasts that ask for no model. A model that does not beat them has no skill.

Each takes the counts up to the origin, shape (units, times) with NaN where nothing is known, and gives draws of
shape (units, horizons, draws). Units whose last year is wholly unknown are left out before they come here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["BASELINES", "climatology", "last12", "last_value", "negative_binomial", "seasonal_walk", "zero"]

Floats = NDArray[np.float64]
Baseline = Callable[[Floats, Sequence[int], int, int, np.random.Generator], Floats]


def zero(values: Floats, horizons: Sequence[int], draws: int, year: int, rng: np.random.Generator) -> Floats:
    """Nothing happens."""
    return np.zeros((len(values), len(horizons), draws))


def last_value(
    values: Floats, horizons: Sequence[int], draws: int, year: int, rng: np.random.Generator
) -> Floats:
    """Poisson around the last value known."""
    return rng.poisson(_last_known(values)[:, None, None], (len(values), len(horizons), draws)).astype(float)


def last12(
    values: Floats, horizons: Sequence[int], draws: int, year: int, rng: np.random.Generator
) -> Floats:
    """Take the last 12 values as the draws: always 12 of them, whatever number is asked for.

    This is the challenge's conflictology benchmark. Where some of the 12 are missing, the known ones are repeated in turn.
    """
    found = np.stack([np.resize(row[~np.isnan(row)], 12) for row in values[:, -12:]])
    return np.repeat(found[:, None, :], len(horizons), axis=1)


def negative_binomial(
    values: Floats, horizons: Sequence[int], draws: int, year: int, rng: np.random.Generator
) -> Floats:
    """Draw from the negative binomial that has mean and variance of the last year's values.

    Where they vary no more than a Poisson's would, it is the Poisson.
    """
    recent = values[:, -year:]
    mean, variance = np.nanmean(recent, axis=1), np.nanvar(recent, axis=1)
    shape = (len(values), len(horizons), draws)
    return _draw_nb(mean[:, None, None], variance[:, None, None], shape, rng)


def seasonal_walk(
    values: Floats, horizons: Sequence[int], draws: int, year: int, rng: np.random.Generator
) -> Floats:
    """Start from the same month (or week) of the last year known; widen by a year's change for each year ahead.

    The mean is that value, but no less than a twelfth of the last year's mean; the variance is the mean squared
    change from year to year over the last three pairs of years, times the years ahead; the law is a negative
    binomial.
    """
    filled = _carried(values)
    if filled.shape[1] < year:
        filled = np.pad(filled, ((0, 0), (year - filled.shape[1], 0)), mode="edge")
    changes = (filled[:, year:] - filled[:, :-year])[:, -3 * year :]
    squares = (changes**2).mean(axis=1) if changes.shape[1] else filled.var(axis=1)
    least = filled[:, -year:].mean(axis=1) / 12
    found = np.empty((len(values), len(horizons), draws))
    for column, ahead in enumerate(horizons):
        years = -(-ahead // year)
        mean = np.maximum(filled[:, filled.shape[1] - 1 + ahead - years * year], least)
        found[:, column] = _draw_nb(mean[:, None], (squares * years)[:, None], (len(values), draws), rng)
    return found


def climatology(
    values: Floats, horizons: Sequence[int], draws: int, year: int, rng: np.random.Generator
) -> Floats:
    """Take evenly spaced values of the unit's whole past: what forecasting without looking at the present gives."""
    shares = (np.arange(draws) + 0.5) / draws
    found = np.zeros((len(values), draws))
    for row, past in enumerate(values):
        known = np.sort(past[~np.isnan(past)])
        found[row] = known[(shares * len(known)).astype(int)]
    return np.repeat(found[:, None, :], len(horizons), axis=1)


BASELINES: dict[str, Baseline] = {
    "zero": zero,
    "last": last_value,
    "last12": last12,
    "negative_binomial": negative_binomial,
    "seasonal_walk": seasonal_walk,
    "climatology": climatology,
}
"""The baselines by name, always shown beside a model."""


def _carried(values: Floats) -> Floats:
    """Give values with each missing one replaced by the one before it (the first known, where none is before)."""
    places = np.where(np.isnan(values), -1, np.arange(values.shape[1]))
    first = np.argmax(~np.isnan(values), axis=1)
    before = np.maximum(np.maximum.accumulate(places, axis=1), first[:, None])
    return np.take_along_axis(values, before, axis=1)


def _last_known(values: Floats) -> Floats:
    return _carried(values)[:, -1]


def _draw_nb(mean: Floats, variance: Floats, shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
    """Draw counts with this mean and variance; a variance under the mean is taken for the mean."""
    extra = np.maximum(variance - mean, 0)
    scale = np.where(mean > 0, extra / np.where(mean > 0, mean, 1), 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(scale > 0, rng.gamma(np.where(scale > 0, mean / scale, 1), 1, shape) * scale, mean)
    return rng.poisson(rate).astype(float)
