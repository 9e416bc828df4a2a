"""The compiled half of `_pooled`: mean distances within and between sets of ascending draws."""

from __future__ import annotations

from typing import Any

from numba import njit

__all__ = ["distances"]


@njit(cache=True)
def _between(a: Any, b: Any) -> float:
    """Give the mean of |x - y| over x in a and y in b, both ascending: the integral of F + G - 2 F G, twice halved."""
    m, n = a.shape[0], b.shape[0]
    i, j = 0, 0
    below_a, below_b = 0.0, 0.0
    at = min(a[0], b[0])
    total = 0.0
    while i < m or j < n:
        following = a[i] if j >= n or (i < m and a[i] <= b[j]) else b[j]
        total += (following - at) * (below_a * (1.0 - below_b) + below_b * (1.0 - below_a))
        at = following
        if j >= n or (i < m and a[i] <= b[j]):
            i += 1
            below_a = i / m
        else:
            j += 1
            below_b = j / n
    return total


@njit(cache=True)
def distances(draws: Any, truth: Any, groups: Any, to_truth: Any, between: Any) -> None:
    """Add up, by group, each part's mean distance to what came and the parts' mean distances to each other.

    `draws` is (rows, parts, m), ascending; `to_truth` (groups, parts) and `between` (groups, parts, parts) are added to.
    """
    rows, parts, m = draws.shape
    for row in range(rows):
        g = groups[row]
        if g < 0:
            continue
        for k in range(parts):
            away = 0.0
            for i in range(m):
                away += abs(draws[row, k, i] - truth[row])
            to_truth[g, k] += away / m
            for other in range(k, parts):
                d = _between(draws[row, k], draws[row, other])
                between[g, k, other] += d
                if other != k:
                    between[g, other, k] += d
