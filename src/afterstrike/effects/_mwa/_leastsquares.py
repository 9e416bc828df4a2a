"""Least squares by Householder reflections, with R's rule for columns that add nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

__all__ = ["Fit", "fit_line", "solve", "t_two_sided"]

Floats = npt.NDArray[np.float64]

# A column whose length falls below this share of its own, once the columns before it are projected out, adds
# nothing.
_TOLERANCE = 1e-7


@dataclass(frozen=True)
class Fit:
    """A fitted linear model.

    Parameters
    ----------
    coefficients, std_errors
        One entry a column.
    degrees_of_freedom
        Rows minus columns.
    adj_r2
        Adjusted R2 of a model with an intercept.
    full_rank
        False where a column adds nothing to those before it; nothing else is meaningful then.
    """

    coefficients: Floats
    std_errors: Floats
    degrees_of_freedom: int
    adj_r2: float
    full_rank: bool


def fit_line(design: Floats, response: Floats, weights: Floats | None = None) -> Fit:
    """Fit `response` on the columns of `design`, the first of which is the intercept.

    Parameters
    ----------
    design
        Shape (rows, columns).
    weights
        One for each row; rows of weight zero must be left out by the caller. None: all alike.
    """
    rows, columns = design.shape
    root = np.ones(rows) if weights is None else np.sqrt(weights)
    if rows < columns:
        nothing = np.full(columns, np.nan)
        return Fit(nothing, nothing, rows - columns, math.nan, False)
    scaled = np.asfortranarray(design * root[:, None])
    rank, coefficients, residuals, inverse = solve(scaled, response * root)
    freedom = rows - columns
    rss = float((residuals**2).sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.float64(rss) / freedom
        std_errors = np.sqrt(np.diag(inverse) * variance)
        fitted = response - residuals / root
        share = np.ones(rows) if weights is None else weights
        centre = (share * fitted).sum() / share.sum()
        explained = (share * (fitted - centre) ** 2).sum()
        r2 = explained / (explained + rss)
        adj_r2 = 1 - (1 - r2) * (np.float64(rows - 1) / freedom)
    return Fit(coefficients, std_errors, freedom, float(adj_r2), rank == columns)


def t_two_sided(t: float, degrees_of_freedom: int) -> float:
    """Give the two-sided p-value of a t statistic; not a number stays so."""
    from scipy.special import stdtr

    if math.isnan(t) or degrees_of_freedom < 1:
        return math.nan
    return float(2 * stdtr(degrees_of_freedom, -abs(t)))


@njit(cache=True)
def _length(x: Any, column: int, start: int) -> float:
    total = 0.0
    for i in range(start, x.shape[0]):
        total += x[i, column] * x[i, column]
    return math.sqrt(total)


@njit(cache=True)
def _reflect(x: Any, heads: Any, column: int, target: Any) -> None:
    """Apply one stored reflection to a vector, in place."""
    head = heads[column]
    if head == 0:
        return
    total = head * target[column]
    for i in range(column + 1, x.shape[0]):
        total += x[i, column] * target[i]
    share = -total / head
    target[column] += share * head
    for i in range(column + 1, x.shape[0]):
        target[i] += share * x[i, column]


@njit(cache=True)
def _decompose(x: Any) -> Any:
    """Reflect the columns of `x`, in place, to a triangle; give its rank and the heads of the reflections.

    Sums run row by row, as in the reference BLAS: where a fit is exact, even the rounding that is left
    agrees.
    """
    n, p = x.shape
    heads = np.zeros(p)
    rest = np.array([_length(x, j, 0) for j in range(p)])
    original = np.where(rest == 0, 1.0, rest)
    for j in range(p):
        if rest[j] < original[j] * _TOLERANCE:
            # One column that adds nothing leaves its effect unknown, and with it the whole window.
            return j, heads
        if j == n - 1:
            break
        size = _length(x, j, j)
        if size == 0:
            continue
        if x[j, j] != 0:
            size = math.copysign(size, x[j, j])
        for i in range(j, n):
            x[i, j] *= 1.0 / size
        x[j, j] += 1.0
        heads[j] = x[j, j]
        for k in range(j + 1, p):
            _reflect(x, heads, j, x[:, k])
            if rest[k] != 0:
                left = max(1.0 - (abs(x[j, k]) / rest[k]) ** 2, 0.0)
                rest[k] = _length(x, k, j + 1) if abs(left) < 1e-6 else rest[k] * math.sqrt(left)
        x[j, j] = -size
    return p, heads


@njit(cache=True)
def _inverse_of_cross_product(x: Any) -> Any:
    """Give (R'R)^-1 from the triangle R in the upper part of `x`."""
    p = x.shape[1]
    triangle = np.zeros((p, p))
    for j in range(p):
        triangle[j, j] = 1.0 / x[j, j]
        for i in range(j - 1, -1, -1):
            total = 0.0
            for k in range(i + 1, j + 1):
                total += x[i, k] * triangle[k, j]
            triangle[i, j] = -total / x[i, i]
    inverse = np.zeros((p, p))
    for i in range(p):
        for j in range(p):
            for k in range(max(i, j), p):
                inverse[i, j] += triangle[i, k] * triangle[j, k]
    return inverse


@njit(cache=True)
def solve(x: Any, y: Any) -> Any:
    """Give rank, coefficients, residuals and the inverse cross product. `x` is overwritten."""
    n, p = x.shape
    rank, heads = _decompose(x)
    if rank < p:
        return rank, np.full(p, np.nan), y.copy(), np.full((p, p), np.nan)
    effects = y.copy()
    for j in range(min(p, n - 1)):
        _reflect(x, heads, j, effects)
    coefficients = effects[:p].copy()
    for j in range(p - 1, -1, -1):
        coefficients[j] /= x[j, j]
        for i in range(j):
            coefficients[i] -= coefficients[j] * x[i, j]
    residuals = effects.copy()
    residuals[:p] = 0.0
    for j in range(min(p, n - 1) - 1, -1, -1):
        _reflect(x, heads, j, residuals)
    return rank, coefficients, residuals, _inverse_of_cross_product(x)
