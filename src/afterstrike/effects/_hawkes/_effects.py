"""What a strike adds or averts, offspring included, from a fitted model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ._data import Floats, HawkesData, Ints
from ._fit import NO_EXCITATION, HawkesFit
from ._model import Model
from ._robust import widest

__all__ = [
    "Added",
    "added",
    "cells_by_day",
    "few_struck",
    "offspring",
    "record_cells",
    "total_added",
    "total_born",
]

_FEWEST_STRUCK = 10


@dataclass(frozen=True, eq=False)
class Added:
    """Totals of several horizons together.

    Parameters
    ----------
    days
        Horizons that could be looked at.
    total
        Events added per struck day of a zone on days 1 to H, offspring included.
    covariance, model_covariance
        Of the totals: robust, and as the model has it.
    log_covariance, log_model_covariance
        Of the logarithms of observed / (observed - total). How many were observed is chance too, and the more so
        the fewer: with what was observed taken as given, an interval of a deep fall would be too narrow by half.
    direct
        The same without offspring.
    observed
        Events recorded on those days, per struck day.
    n_struck
        Struck days of a zone with days 1 to H on record.
    """

    days: tuple[int, ...]
    total: Floats
    covariance: Floats
    model_covariance: Floats
    log_covariance: Floats
    log_model_covariance: Floats
    direct: Floats
    observed: Floats
    n_struck: Ints


def offspring(weight: Floats, rate: Floats, days: int) -> Floats:
    """Give how many events one event, at any time of day 0, has become by the end of days 0, 1, ...

    The event itself is counted. The mean of the excitation follows a linear system, solved exactly by day.
    """
    from scipy.linalg import expm

    size = len(rate)
    system = np.zeros((size + 2, size + 2))
    system[:size, :size] = -np.diag(rate) + np.outer(weight * rate, np.ones(size))
    system[:size, -1] = weight * rate
    system[size, :size], system[size, -1] = 1.0, 1.0
    step = expm(system)
    state = np.zeros(size + 2)
    state[-1] = 1.0
    found = np.empty(days)
    for day in range(days):
        state = step @ state
        found[day] = state[size]
        state[-1] = 0.0
    return found


def added(fit: HawkesFit, days: Sequence[int], *, block_days: int = 30) -> Added:
    """Give what strikes added on days 1 to H, each against a world without that strike only.

    Of each total the largest of three errors is taken: robust zone by zone, robust with all zones together, and
    that of the model, because from few stretches a robust one comes out too small.
    """
    data = fit.data
    chosen, observed = zip(*(record_cells(data, horizon) for horizon in days), strict=True)
    slopes = np.array([_slopes(fit, cells) for cells in chosen])
    total = np.array([total_added(fit.model, fit.estimate, cells) for cells in chosen])
    expected = np.array(observed) - total
    with np.errstate(invalid="ignore", divide="ignore"):
        # Of log(observed / (observed - added)); what was observed moves as its part that the baseline brought.
        of_log = (
            slopes[:, 0] / expected[:, None] + slopes[:, 1] * (1 / np.array(observed) - 1 / expected)[:, None]
        )
    by_zone, together, by_model = (
        _known(one)
        for one in (
            fit.robust_covariance(block_days),
            fit.robust_covariance(block_days, shared=True),
            fit.covariance,
        )
    )

    def spread(jacobian: Floats) -> tuple[Floats, Floats]:
        first, *others = (jacobian @ one @ jacobian.T for one in (by_zone, together, by_model))
        return widest(first, *others), others[-1]

    return Added(
        tuple(days),
        total,
        *spread(slopes[:, 0]),
        *spread(of_log),
        np.array([total_added(fit.model, fit.estimate, cells, False) for cells in chosen]),
        np.array(observed),
        np.array([len(cells) for cells in chosen], np.int64),
    )


def _known(covariance: Floats) -> Floats:
    """Take as known the kernel's parameters that could not be estimated; where none could, nothing is."""
    if not np.isfinite(np.diag(covariance)[:-2]).all():
        return covariance
    return np.nan_to_num(covariance, nan=0.0)


def few_struck(n_struck: int, n_strikes: int, days: int) -> str:
    """Say that too few struck days have the days after them on record; empty where there are enough."""
    if n_struck >= _FEWEST_STRUCK:
        return ""
    return (
        f"only {n_struck} of {n_strikes} struck days have {days} days after them on record; at least "
        f"{_FEWEST_STRUCK} are needed"
    )


def cells_by_day(data: HawkesData) -> Ints:
    """Give the cell of each zone and whole day, -1 where the day is not wholly on record."""
    found = np.full((len(data.zones), data.struck.shape[1] + 1), -1, np.int64)
    for s, zone in enumerate(data.sequence_zone):
        cells = np.arange(data.first_cell[s], data.first_cell[s + 1])
        whole = cells[data.width[cells] > 1 - 1e-9]
        found[zone, data.cell_start[whole].astype(int)] = whole
    return found


def record_cells(data: HawkesData, horizon: int) -> tuple[Ints, float]:
    """Give the cells of days 1 to H after struck days, shape (struck days on record, H), and events there a day
    struck.
    """
    pairs, cell_of = np.argwhere(data.struck), cells_by_day(data)
    last = cell_of.shape[1] - 1
    after = np.minimum(pairs[:, 1:] + np.arange(1, horizon + 1), last)
    cells: Ints = cell_of[pairs[:, :1], after]
    kept: Ints = cells[(cells >= 0).all(axis=1)]
    counts = np.bincount(data.cell, minlength=len(data.width))
    return kept, float(counts[kept].sum() / len(kept)) if len(kept) else math.nan


def total_added(model: Model, q: Floats, cells: Ints, with_offspring: bool = True) -> float:
    """Give the mean over struck days; the baseline with the strike less that without it, then offspring."""
    base, effect, kin = _by_day(model, q, cells)
    return float((base * -np.expm1(-effect)) @ (kin if with_offspring else np.ones_like(kin)))


def total_born(model: Model, q: Floats, cells: Ints) -> float:
    """Give the mean over struck days of all that the baseline of days 1 to H brings until day H."""
    base, _, kin = _by_day(model, q, cells)
    return float(base @ kin)


def _by_day(model: Model, q: Floats, cells: Ints) -> tuple[Floats, Floats, Floats]:
    """Give of days 1 to H the mean baseline, the effect on its log, and what one event there becomes until day H."""
    horizon, lags = cells.shape[1], model.data.lags
    kin = np.ones(horizon)
    if math.exp(q[-2]) > NO_EXCITATION:
        kin = offspring(*model.parts(q), horizon)[::-1]
    if not len(cells):
        return np.full(horizon, math.nan), np.zeros(horizon), kin
    days, where = np.unique(cells, return_inverse=True)
    base = np.exp(np.asarray(model.data.columns[days] @ q[:-2]))[where.reshape(cells.shape)].mean(axis=0)
    effect = np.zeros(horizon)
    first = len(q) - 2 - len(lags)
    for number, (low, high) in enumerate(lags):
        # An array of days 1 to H; lags before the strike are no part of its effect.
        effect[max(low - 1, 0) : max(high, 0)] = q[first + number]
    return base, effect, kin


def _slopes(fit: HawkesFit, cells: Ints) -> Floats:
    """Give the derivatives of what was added and of what the baseline brought, shape (2, parameters)."""
    found = np.zeros((2, len(fit.estimate)))
    for k in range(len(fit.estimate)):
        move = np.zeros(len(fit.estimate))
        move[k] = 1e-5
        for way in (1, -1):
            base, effect, kin = _by_day(fit.model, fit.estimate + way * move, cells)
            found[:, k] += way * np.array([(base * -np.expm1(-effect)) @ kin, base @ kin]) / 2e-5
    return found
