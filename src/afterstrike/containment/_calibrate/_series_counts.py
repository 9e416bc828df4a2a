"""Log-likelihood of negative binomial counts with variance ratio * mean, and its slopes by the mean, compiled."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

__all__ = ["count_slopes", "count_value"]

Array = np.ndarray[Any, Any]


@njit(cache=True)
def _rises(y: float, r: float) -> tuple[float, float]:
    """Give psi(y + r) - psi(r) and trigamma(y + r) - trigamma(r): sums for few counts, series for many."""
    first = second = 0.0
    if y <= 12.0:
        for k in range(int(y)):
            part = 1.0 / (r + k)
            first += part
            second -= part * part
        return first, second
    for sign in (-1.0, 1.0):
        x = r if sign < 0 else y + r
        while x < 7.0:
            part = 1.0 / x
            first -= sign * part
            second += sign * part * part
            x += 1.0
        v = 1.0 / x
        z = v * v
        first += sign * (
            math.log(x) - 0.5 * v - z * (1 / 12 - z * (1 / 120 - z * (1 / 252 - z * (1 / 240 - z / 132))))
        )
        second += sign * (
            v + 0.5 * z + v * z * (1 / 6 - z * (1 / 30 - z * (1 / 42 - z * (1 / 30 - z * 5 / 66))))
        )
    return first, second


@njit(cache=True)
def count_slopes(counts: Array, seen: Array, mean: Array, excess: float) -> tuple[Array, Array]:
    """Give first and second derivative of each count's log-likelihood by its mean; 0 where not seen."""
    first, second = np.zeros_like(mean), np.zeros_like(mean)
    log_ratio = math.log1p(excess)
    for s in range(mean.shape[0]):
        for t in range(mean.shape[1]):
            if seen[s, t] > 0:
                one, two = _rises(counts[s, t], mean[s, t] / excess)
                first[s, t] = (one - log_ratio) / excess
                second[s, t] = two / (excess * excess)
    return first, second


@njit(cache=True)
def count_value(counts: Array, seen: Array, mean: Array, excess: float) -> float:
    """Give the log-likelihood of all counts seen."""
    total = 0.0
    log_ratio = math.log1p(excess)
    log_part = math.log(excess) - log_ratio
    for s in range(mean.shape[0]):
        for t in range(mean.shape[1]):
            if seen[s, t] > 0:
                r, y = mean[s, t] / excess, counts[s, t]
                total += y * log_part - r * log_ratio
                if y > 0:
                    total += math.lgamma(y + r) - math.lgamma(r) - math.lgamma(y + 1.0)
    return total
