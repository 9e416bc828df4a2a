"""The L1 distance between treatment and control, and their common support, over bins of their own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from ._cem import bins_of, evenly, strata_of
from ._text import round_half_even

__all__ = ["imbalance", "pretty"]

Floats = npt.NDArray[np.float64]

# R's own constants for `pretty`: how strongly it leans to wider steps, and its tolerance at the ends.
_LEAN, _LEAN_FIVE, _SHRINK, _TOLERANCE = 1.5, 2.75, 0.75, 1e-10


def imbalance(variables: Sequence[Floats], treated: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Give L1 (0 same, 1 disjoint; 3 decimals) and common support in percent (1 decimal), rounded as printed.

    Either group empty: not a number.
    """
    n_treated = int(treated.sum())
    n_control = len(treated) - n_treated
    if not n_treated or not n_control:
        return math.nan, math.nan
    binned, sizes = [], []
    for values in variables:
        low, high, deviation = _spread(values)
        if low == high:
            continue
        width = 3.5 * deviation * len(values) ** (-1 / 3)
        breaks = pretty(low, high, max(1, math.ceil((high - low) / width)))
        binned.append(bins_of(values, breaks))
        sizes.append(len(breaks))
    cells, total = strata_of(binned, sizes, len(treated))
    in_treated = np.bincount(cells[treated], minlength=total)
    in_control = np.bincount(cells[~treated], minlength=total)
    distance = 0.5 * float(np.abs(in_treated / n_treated - in_control / n_control).sum())
    shared = int(((in_treated > 0) & (in_control > 0)).sum())
    return round_half_even(distance, 3), round_half_even(100 * shared / total, 1)


@njit(cache=True)
def _spread(values: Any) -> Any:
    """Give least, greatest and standard deviation (n - 1)."""
    low = high = values[0]
    total = 0.0
    for value in values:
        low, high = min(low, value), max(high, value)
        total += value
    mean = total / len(values)
    squares = 0.0
    for value in values:
        squares += (value - mean) ** 2
    return low, high, math.sqrt(squares / max(len(values) - 1, 1))


def pretty(low: float, high: float, intervals: int) -> Floats:
    """Give breaks at round numbers that cover low to high in about `intervals` steps, as R's `pretty` does.

    Examples
    --------
    >>> pretty(0.0, 9.0, 4)
    array([ 0.,  2.,  4.,  6.,  8., 10.])
    """
    spread = high - low
    cell = max(abs(low), abs(high))
    share = 1 + (1 / (1 + _LEAN) if _LEAN_FIVE >= 1.5 * _LEAN + 0.5 else 1.5 / (1 + _LEAN_FIVE))
    small = spread < cell * share * max(1, intervals) * np.finfo(float).eps * 3 if cell > 0 else True
    if small:
        cell = (9 + cell / 10 if cell > 10 else cell or 1.0) * _SHRINK
    else:
        cell = spread / intervals if intervals > 1 else spread
    base = 10.0 ** math.floor(math.log10(cell))
    unit = base
    for times, lean in ((2, _LEAN), (5, _LEAN_FIVE), (10, _LEAN)):
        if times * base - cell >= lean * (cell - unit):
            break
        unit = times * base
    first = math.floor(low / unit + _TOLERANCE)
    last = math.ceil(high / unit - _TOLERANCE)
    while first * unit > low + _TOLERANCE * unit:
        first -= 1
    while last * unit < high - _TOLERANCE * unit:
        last += 1
    if last - first < 1:
        # One value at a round number: the interval goes up from it, or down where it is negative.
        first, last = (first - 1, last) if first >= 0 else (first, last + 1)
    start, stop = min(first * unit, low), max(last * unit, high)
    breaks = evenly(start, stop, last - first + 1)
    breaks[np.abs(breaks) < 1e-14 * (stop - start) / (last - first)] = 0.0
    return breaks
