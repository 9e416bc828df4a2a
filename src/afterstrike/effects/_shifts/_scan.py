"""The compiled statistic: the largest self-normalised step over all dates and nested windows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

__all__ = ["scan", "scan_many"]


@njit(cache=True)
def _running(values: Any, weights: Any) -> tuple[Any, Any, Any, Any, Any, Any, Any]:
    """Give the running sums from which the statistic of any window follows at once."""
    n, d = values.shape
    clock, total = np.zeros(n + 1), np.zeros((n + 1, d))
    w1, w2 = np.zeros(n + 1), np.zeros(n + 1)
    s1, ws, ss = np.zeros((n + 1, d)), np.zeros((n + 1, d)), np.zeros((n + 1, d, d))
    for t in range(n):
        w = weights[t]
        clock[t + 1] = clock[t] + w
        w1[t + 1] = w1[t] + w * clock[t + 1]
        w2[t + 1] = w2[t] + w * clock[t + 1] ** 2
        for i in range(d):
            total[t + 1, i] = total[t, i] + w * values[t, i]
            s1[t + 1, i] = s1[t, i] + w * total[t + 1, i]
            ws[t + 1, i] = ws[t, i] + w * clock[t + 1] * total[t + 1, i]
        for i in range(d):
            for j in range(d):
                ss[t + 1, i, j] = ss[t, i, j] + w * total[t + 1, i] * total[t + 1, j]
    return clock, total, w1, w2, s1, ws, ss


@njit(cache=True)
def _add_bridge(out: Any, sums: Any, low: int, high: int) -> None:
    """Add the weighted sum of squares of the bridge over periods low to high - 1: how far sums stray there."""
    clock, total, w1, w2, s1, ws, ss = sums
    start, length = clock[low], clock[high] - clock[low]
    first = w1[high] - w1[low]
    squares = w2[high] - w2[low] - 2 * start * first + start * start * length
    d = total.shape[1]
    slope, cross = np.empty(d), np.empty(d)
    for i in range(d):
        slope[i] = (total[high, i] - total[low, i]) / length
        own = s1[high, i] - s1[low, i]
        cross[i] = ws[high, i] - ws[low, i] - start * own - total[low, i] * (first - start * length)
    for i in range(d):
        for j in range(i + 1):
            both = ss[high, i, j] - ss[low, i, j] + total[low, i] * total[low, j] * length
            both -= total[low, i] * (s1[high, j] - s1[low, j]) + total[low, j] * (s1[high, i] - s1[low, i])
            out[i, j] += both - slope[j] * cross[i] - slope[i] * cross[j] + slope[i] * slope[j] * squares


@njit(cache=True)
def _quadratic(step: Any, spread: Any) -> float:
    """Give step' spread^-1 step by Cholesky, in place; 0 where the spread has no inverse."""
    d = len(step)
    value = 0.0
    for i in range(d):
        for j in range(i + 1):
            left = spread[i, j]
            for r in range(j):
                left -= spread[i, r] * spread[j, r]
            if i == j:
                if left <= 0:
                    return 0.0
                spread[i, i] = np.sqrt(left)
            else:
                spread[i, j] = left / spread[j, j]
        for r in range(i):
            step[i] -= spread[i, r] * step[r]
        step[i] /= spread[i, i]
        value += step[i] ** 2
    return value


@njit(cache=True)
def scan(values: Any, weights: Any, shortest: int, ridge: Any) -> float:
    """Give the largest statistic over all dates and all windows of whole multiples of `shortest` around them.

    `values` has shape (periods, d) and variance 1 / `weights`; `ridge` (d) keeps a window without any variation
    from dividing by zero.
    """
    n, d = values.shape
    best = 0.0
    sums = _running(values, weights)
    clock, total = sums[0], sums[1]
    step, spread = np.zeros(d), np.zeros((d, d))
    left, right = np.zeros((n // shortest + 1, d, d)), np.zeros((n // shortest + 1, d, d))
    for k in range(shortest, n - shortest + 1):
        # The bridge of each side is the same whatever the window on the other.
        for before in range(1, k // shortest + 1):
            left[before] = 0.0
            _add_bridge(left[before], sums, k - before * shortest, k)
        for after in range(1, (n - k) // shortest + 1):
            right[after] = 0.0
            _add_bridge(right[after], sums, k, k + after * shortest)
        for before in range(1, k // shortest + 1):
            a = k - before * shortest
            for after in range(1, (n - k) // shortest + 1):
                b = k + after * shortest
                whole = clock[b] - clock[a]
                share = (clock[k] - clock[a]) / whole
                for i in range(d):
                    step[i] = total[k, i] - total[a, i] - share * (total[b, i] - total[a, i])
                    for j in range(i + 1):
                        spread[i, j] = left[before, i, j] + right[after, i, j]
                    spread[i, i] += ridge[i] * whole * whole
                best = max(best, whole * _quadratic(step, spread))
    return best


@njit(cache=True)
def scan_many(many: Any, weights: Any, shortest: int, ridge: Any) -> Any:
    """Give `scan` of each of many sets of values, shape (sets, periods, d)."""
    found = np.empty(len(many))
    for r in range(len(many)):
        found[r] = scan(many[r], weights, shortest, ridge)
    return found
