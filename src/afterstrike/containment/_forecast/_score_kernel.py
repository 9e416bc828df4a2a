"""The compiled half of `_scores`: puts draws in order and adds up the CRPS. No checks here; `_scores` does them.

An own kernel because it was measured (benchmarks/bench_forecast.py): draws are counts, and counts can be put in
order by dealing, in a quarter of the time of a comparing sort, which is most of the time of any library's CRPS.
Draws that are no counts are left to NumPy's sort. Kept apart because importing Numba takes time.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

__all__ = ["crps_of_counts", "crps_of_sorted", "sort_counts"]

_BITS = 11
_MASK = (1 << _BITS) - 1
_LIMIT = float(1 << 2 * _BITS)


@njit(cache=True, fastmath={"reassoc", "contract", "nsz"})
def _crps_row(ordered: Any, observed: float) -> float:
    """Give mean |x - y| - sum (2i - m - 1) x_i / m^2 of one ordered row.

    Both sums run over x - y: the weights of the second add to zero, and near values then lose no digits.
    """
    m = ordered.shape[0]
    away, spread = 0.0, 0.0
    weight = 1.0 - m
    for i in range(m):
        off = ordered[i] - observed
        away += abs(off)
        spread += (weight + 2.0 * i) * off
    found: float = away / m - spread / (float(m) * m)
    return found


@njit(cache=True)
def crps_of_sorted(draws: Any, observed: Any, out: Any) -> None:
    """Fill `out` with the CRPS of rows of ascending draws."""
    for row in range(draws.shape[0]):
        out[row] = _crps_row(draws[row], observed[row])


@njit(cache=True)
def _order_counts(values: Any, keys: Any, counts: Any, out: Any) -> bool:
    """Put one row of counts in ascending order into `out`; False where they are none, or too large.

    Counts under 2,048 are counted and written out; larger ones are dealt twice, by their low and high 11 bits.
    """
    m = values.shape[0]
    top = np.int64(0)
    whole = True
    for i in range(m):
        value = values[i]
        whole &= (value >= 0.0) & (value < _LIMIT)
        at = np.int64(value) if whole else np.int64(0)
        whole &= np.float64(at) == value
        keys[i] = at
        top = max(top, at)
    if not whole:
        return False
    if top == 0:
        out[:] = 0.0
        return True
    counts[:] = 0
    for i in range(m):
        counts[(keys[i] & _MASK) + 1] += 1
    if top <= _MASK:
        place = 0
        for value in range(top + 1):
            for _ in range(counts[value + 1]):
                out[place] = value
                place += 1
        return True
    for b in range(_MASK + 1):
        counts[b + 1] += counts[b]
    for i in range(m):
        b = keys[i] & _MASK
        out[counts[b]] = keys[i]
        counts[b] += 1
    counts[:] = 0
    for i in range(m):
        counts[(keys[i] >> _BITS) + 1] += 1
    for b in range((top >> _BITS) + 1):
        counts[b + 1] += counts[b]
    for i in range(m):
        keys[i] = np.int64(out[i])
    for i in range(m):
        b = keys[i] >> _BITS
        out[counts[b]] = keys[i]
        counts[b] += 1
    return True


@njit(cache=True)
def crps_of_counts(draws: Any, observed: Any, out: Any) -> bool:
    """Fill `out` with the CRPS of rows in any order; False, with `out` unfinished, where one holds no counts."""
    m = draws.shape[1]
    values, ordered = np.empty(m, np.float64), np.empty(m, np.float64)
    keys, counts = np.empty(m, np.int64), np.zeros(_MASK + 2, np.int64)
    for row in range(draws.shape[0]):
        for i in range(m):
            values[i] = draws[row, i]
        if not _order_counts(values, keys, counts, ordered):
            return False
        out[row] = _crps_row(ordered, observed[row])
    return True


@njit(cache=True)
def sort_counts(draws: Any, out: Any) -> bool:
    """Fill `out` (float64) with each row of `draws` in ascending order; False where a row holds no counts."""
    m = draws.shape[1]
    values = np.empty(m, np.float64)
    keys, counts = np.empty(m, np.int64), np.zeros(_MASK + 2, np.int64)
    for row in range(draws.shape[0]):
        for i in range(m):
            values[i] = draws[row, i]
        if not _order_counts(values, keys, counts, out[row]):
            return False
    return True
