"""Log-likelihood of negative binomial counts with variance ratio * mean, and its slopes by the mean, compiled."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

__all__ = ["count_bends", "count_slopes", "count_value", "third_moment_sum"]

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
def _rises_on(y: float, r: float) -> tuple[float, float]:
    """Give the same for the next two derivatives, of orders two and three of the polygamma function."""
    third = fourth = 0.0
    if y <= 12.0:
        for k in range(int(y)):
            part = 1.0 / (r + k)
            third += 2.0 * part**3
            fourth -= 6.0 * part**4
        return third, fourth
    for sign in (-1.0, 1.0):
        x = r if sign < 0 else y + r
        while x < 9.0:
            third -= sign * 2.0 / x**3
            fourth += sign * 6.0 / x**4
            x += 1.0
        v = 1.0 / x
        z = v * v
        third += sign * z * (-1.0 - v - z * (0.5 - z * (1 / 6 - z * (1 / 6 - z * 0.3))))
        fourth += sign * z * v * (2.0 + 3.0 * v + z * (2.0 - z * (1.0 - z * (4 / 3 - z * 3.0))))
    return third, fourth


@njit(cache=True)
def count_bends(counts: Array, seen: Array, mean: Array, own: Array, excess: float) -> tuple[Array, Array]:
    """Give third and fourth derivative of the log-likelihood by the log rate, by week, sources added up.

    `own` is the derivative of each mean by the log rate, and all its further derivatives too.
    """
    weeks = mean.shape[1]
    three, four = np.zeros(weeks), np.zeros(weeks)
    log_ratio = math.log1p(excess)
    for s in range(mean.shape[0]):
        for t in range(weeks):
            if seen[s, t] > 0:
                r = mean[s, t] / excess
                one, two = _rises(counts[s, t], r)
                third, fourth = _rises_on(counts[s, t], r)
                # By powers of own / excess: the chain rule for an exponential.
                o = own[s, t] / excess
                a, b, c, d = o * (one - log_ratio), o**2 * two, o**3 * third, o**4 * fourth
                three[t] += c + 3.0 * b + a
                four[t] += d + 6.0 * c + 7.0 * b + a
    return three, four


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


@njit(cache=True)
def _chained(link: Array, own: Array, x: Array, power: int) -> float:
    """Give sum x[t] x[s] S[t, s] ** power for the covariance S of a chain: S[t, s] = link[t] ... link[s - 1] own[s]."""
    total = carried = 0.0
    for s in range(len(own)):
        if s:
            carried = link[s - 1] ** power * (carried + x[s - 1])
        total += own[s] ** power * x[s] * (x[s] + 2.0 * carried)
    return total


@njit(cache=True)
def third_moment_sum(link: Array, own: Array, levers: Array, x: Array) -> float:
    """Give sum x[t] x[s] (S[t, s] + levers[t] @ levers[s]) ** 3, S as in `_chained`, without the whole matrix."""
    k = levers.shape[1]
    total = _chained(link, own, x, 3)
    for i in range(k):
        one = x * levers[:, i]
        total += 3.0 * _chained(link, own, one, 2)
        for j in range(k):
            two = one * levers[:, j]
            total += 3.0 * _chained(link, own, two, 1)
            for m in range(k):
                total += (two * levers[:, m]).sum() ** 2
    return total
