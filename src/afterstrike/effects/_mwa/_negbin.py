"""Negative binomial regression with an identity link, iterated as the peer's fitting routine iterates.

Mean and dispersion are fitted in turn; each half stops at a tolerance of its own, so where it stops is part
of the number. The dispersion of a step is fitted to the means of the step before.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ._leastsquares import solve, t_two_sided

__all__ = ["CountFit", "fit_negative_binomial"]

Floats = npt.NDArray[np.float64]
Deviance = Callable[[Floats], float]

_STEPS = 25
_TOLERANCE = 1e-8
_DISPERSION_TOLERANCE = float(np.finfo(np.float64).eps) ** 0.25


class _NoFit(Exception):
    """The iteration left the means that the model allows, and found no way back."""


@dataclass(frozen=True)
class CountFit:
    """Coefficients with standard errors that a dispersion from the residuals scales; `reason` says why
    none.
    """

    coefficients: Floats
    std_errors: Floats
    p_values: Floats
    reason: str = ""


def fit_negative_binomial(design: Floats, response: Floats) -> CountFit:
    """Fit counts on the columns of `design`, the first of which is the intercept."""
    rows, columns = design.shape
    try:
        coefficients, covariance, squares = _alternate(design, response)
    except _NoFit as error:
        nothing = np.full(design.shape[1], np.nan)
        return CountFit(nothing, nothing, nothing, f"negative binomial: {error}")
    if rows <= columns:
        return CountFit(
            coefficients,
            np.full(columns, np.nan),
            np.full(columns, np.nan),
            "negative binomial: no wakes are left over",
        )
    # The peer reads the table of a generalised linear model of unknown dispersion, t with rows - columns
    # degrees.
    std_errors = np.sqrt(np.diag(covariance) * squares / (rows - columns))
    p_values = [t_two_sided(float(t), rows - columns) for t in coefficients / std_errors]
    return CountFit(coefficients, std_errors, np.array(p_values))


def _alternate(design: Floats, y: Floats) -> tuple[Floats, Floats, float]:
    """Give coefficients, covariance and the sum of weighted squared residuals."""
    rows, columns = design.shape

    def poisson_deviance(mean: Floats) -> float:
        logs = np.where(y > 0, y * np.log(np.where(y > 0, y, 1) / mean), 0.0)
        return float(2 * np.sum(np.where(y > 0, logs - (y - mean), mean)))

    fitted = _reweighted(design, y, y + 0.1, lambda mean: mean, poisson_deviance)
    mean = fitted[2]
    dispersion = _dispersion(y, mean)
    step = math.sqrt(2 * max(1, rows - columns))
    change = 1.0
    likelihood = _log_likelihood(dispersion, mean, y)
    before = likelihood + 2 * step
    for _ in range(_STEPS):
        if not abs(before - likelihood) / step + abs(change) > _TOLERANCE:
            break
        theta = dispersion

        def variance(mean: Floats, theta: float = theta) -> Floats:
            return mean + mean**2 / theta

        def deviance(mean: Floats, theta: float = theta) -> float:
            share = y * np.log(np.maximum(1, y) / mean)
            return float(2 * np.sum(share - (y + theta) * np.log((y + theta) / (mean + theta))))

        fitted = _reweighted(design, y, mean, variance, deviance)
        dispersion = _dispersion(y, mean)
        mean = fitted[2]
        change = theta - dispersion
        before, likelihood = likelihood, _log_likelihood(dispersion, mean, y)
    return fitted[0], fitted[1], fitted[3]


def _reweighted(
    design: Floats, y: Floats, mean: Floats, variance: Callable[[Floats], Floats], deviance: Deviance
) -> tuple[Floats, Floats, Floats, float]:
    """Iterate weighted least squares; give coefficients, covariance, means and weighted squared residuals."""
    old_deviance = deviance(mean)
    old: Floats | None = None
    for _ in range(_STEPS):
        root = np.sqrt(1 / variance(mean))
        rank, new, _residuals, covariance = solve(np.asfortranarray(design * root[:, None]), y * root)
        if rank < design.shape[1]:
            raise _NoFit("a coefficient cannot be told apart from the others")
        mean = design @ new
        for halving in range(_STEPS + 1):
            if np.all(mean > 0):
                break
            if old is None:
                raise _NoFit("the first step gives expected counts below zero, and there is no earlier step")
            if halving == _STEPS:
                raise _NoFit("no shorter step gives expected counts above zero")
            new = (new + old) / 2
            mean = design @ new
        found = deviance(mean)
        if abs(found - old_deviance) / (abs(found) + 0.1) < _TOLERANCE:
            break
        old_deviance, old = found, new
    return new, covariance, mean, float(np.sum((root * (y - mean)) ** 2))


def _dispersion(y: Floats, mean: Floats) -> float:
    """Give theta by Newton's method from its moment estimate."""
    from scipy.special import digamma, polygamma

    with np.errstate(all="ignore"):
        theta = float(len(y) / np.sum((y / mean - 1) ** 2))
        change = 1.0
        for _ in range(_STEPS - 1):
            if not abs(change) > _DISPERSION_TOLERANCE:
                break
            theta = abs(theta)
            score = np.sum(
                digamma(theta + y)
                - digamma(theta)
                + math.log(theta)
                + 1
                - np.log(theta + mean)
                - (y + theta) / (mean + theta)
            )
            information = np.sum(
                -polygamma(1, theta + y)
                + polygamma(1, theta)
                - 1 / theta
                + 2 / (mean + theta)
                - (y + theta) / (mean + theta) ** 2
            )
            change = float(score / information)
            theta += change
            if not math.isfinite(theta):
                raise _NoFit("the dispersion has no finite estimate")
    return max(theta, 0.0)


def _log_likelihood(theta: float, mean: Floats, y: Floats) -> float:
    from scipy.special import gammaln

    with np.errstate(all="ignore"):
        return float(
            np.sum(
                gammaln(theta + y)
                - gammaln(theta)
                - gammaln(y + 1)
                + theta * np.log(theta)
                + y * np.log(mean + (y == 0))
                - (theta + y) * np.log(theta + mean)
            )
        )
