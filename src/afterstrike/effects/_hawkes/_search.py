"""The search for the highest likelihood: where it begins, how far it may go, when it has arrived."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...errors import EstimateRefused
from ._data import Floats, HawkesData
from ._model import Model

__all__ = ["first_guess", "guard_rails", "maximise"]

_SMALLEST = math.log(1e-7)
_STEPS, _SEARCHES = 500, 4
# The loss where the likelihood is no number.
_NOWHERE = 1e10
# In standard errors: an estimate this near the top is the top for any reader.
_FLAT_ENOUGH = 0.01


def guard_rails(model: Model) -> list[tuple[float, float]]:
    """Give guard rails, far from where estimates lie, that keep a search from leaving the numbers."""
    data = model.data
    shortest, longest = _span(data)
    if model.kernel == "power":
        shape = (-8.0, 8.0)
    else:
        shape = (-math.log(longest) - 3, -math.log(shortest) + 3)
        if model.longest is not None:
            shape = (-math.log(model.longest), max(shape[1], 3 - math.log(model.longest)))
    return [(-50.0, 50.0)] * data.columns.shape[1] + [(_SMALLEST, 1.5), shape]


def _span(data: HawkesData) -> tuple[float, float]:
    """Give the shortest and the longest mean lag worth a look: a tenth of the usual gap, a third of the record."""
    usual = data.exposure_days / len(data.time)
    return usual / 10, max(data.width.sum() / len(data.zones) / 3, usual)


def first_guess(model: Model, ratios: tuple[float, ...] = (0.4,)) -> Floats:
    """Give the best of a few starts."""
    data = model.data
    by_cell = np.bincount(data.cell, minlength=len(data.width))
    counts = np.asarray(data.columns.T @ by_cell)[: len(data.zones)]
    exposure = np.asarray(data.columns.T @ data.width)[: len(data.zones)]
    usual = data.exposure_days / len(data.time)
    if model.kernel == "exponential":
        longest = _span(data)[1]
        shapes = [-math.log(s) for s in np.geomspace(usual / 2, max(min(100 * usual, longest), usual), 4)]
    else:
        shapes = [0.0, 1.0]
    best, found = -math.inf, np.zeros(0)
    for n in ratios:
        for shape in shapes:
            q = np.zeros(len(model.names))
            q[: len(counts)] = np.log(max(1 - n, 0.1) * counts / exposure)
            q[-2:] = math.log(n), shape
            value = model.value(q)[0]
            if value > best:
                best, found = value, q
    return found


def maximise(model: Model, start: Floats, fixed_n: float | None = None) -> tuple[Floats, float]:
    """Give the parameters of the highest log-likelihood, and its value; `fixed_n` holds the branching ratio.

    A search that stops early goes on from where it stopped, on axes turned anew. Where its last step failed the
    slope decides: near the top it is lost in rounding, and no step goes up any more.

    Raises
    ------
    EstimateRefused
        The search does not arrive.
    """
    rails = np.array(guard_rails(model))
    if fixed_n is not None:
        rails[-2] = math.log(max(fixed_n, 1e-7))
    q = np.clip(start, *rails.T)
    for _ in range(_SEARCHES):
        found, turn = _climb(model, q, rails)
        q = q + turn @ found.x
        if found.fun < _NOWHERE and (found.success or _steepness(model, q, turn, rails) < _FLAT_ENOUGH):
            return q, -float(found.fun) * len(model.data.time)
    raise EstimateRefused(
        f"the search for the highest likelihood did not arrive in {_SEARCHES} runs of {_STEPS} steps ({found.message}): "
        "use fewer lags, a longer drift_days, or zones with more events"
    )


def _climb(model: Model, start: Floats, rails: Floats) -> tuple[Any, Floats]:
    """Search once from a start; give what SciPy found and the turn of its axes."""
    from scipy.optimize import minimize

    turn, size = _whitened(model, start), len(model.data.time)

    def loss(z: Floats) -> tuple[float, Floats]:
        value, gradient = model.value(start + turn @ z)
        if not math.isfinite(value):
            return _NOWHERE, np.zeros(len(z))
        return -value / size, -(turn.T @ gradient) / size

    # The kernel's parameters are only scaled, so that their guard rails stay along the axes.
    free = [(None, None)] * (len(start) - 2)
    edges = [tuple((rails[k] - start[k]) / turn[k, k]) for k in (len(start) - 2, len(start) - 1)]
    found = minimize(
        loss, np.zeros(len(start)), jac=True, method="L-BFGS-B", bounds=free + edges,
        options={"maxiter": _STEPS, "ftol": 1e-12, "gtol": 1e-6},
    )  # fmt: skip
    return found, turn


def _steepness(model: Model, q: Floats, turn: Floats, rails: Floats) -> float:
    """Give the largest slope that does not point at a guard rail: about how many standard errors the top is away."""
    slope = turn.T @ model.value(q)[1] / math.sqrt(len(model.data.time))
    held = ((q <= rails[:, 0] + 1e-9) & (slope < 0)) | ((q >= rails[:, 1] - 1e-9) & (slope > 0))
    return float(np.abs(np.where(held, 0.0, slope)).max())


def _whitened(model: Model, q: Floats) -> Floats:
    """Give a turn of the parameters after which the likelihood is about as steep in all directions.

    For the baseline it is the information of a Poisson model with the same mean; without it, columns that
    overlap (drift, strikes) take hundreds of steps.
    """
    data = model.data
    mean = data.width * np.exp(model.log_base(q))
    information = model.gram(mean)
    steady = information + 1e-8 * np.trace(information) * np.eye(len(information))
    turn = np.zeros((len(q), len(q)))
    turn[:-2, :-2] = np.linalg.inv(np.linalg.cholesky(steady)).T
    turn[-2, -2] = turn[-1, -1] = 2 / math.sqrt(len(data.time))
    return turn * math.sqrt(len(data.time))
