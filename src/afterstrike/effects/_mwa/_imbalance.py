"""The L1 distance between treatment and control, and their common support, over bins of their own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from ._cem import LARGEST_KEY, bins_of, evenly, renumbered
from ._text import round_half_even

__all__ = ["imbalance", "pretty"]

Floats = npt.NDArray[np.float64]

# R's own constants for `pretty`: how strongly it leans to wider steps, and its tolerance at the ends.
_LEAN, _LEAN_FIVE, _SHRINK, _TOLERANCE = 1.5, 2.75, 0.75, 1e-10
_EPSILON = float(np.finfo(np.float64).eps)


def imbalance(variables: Sequence[Floats], treated: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Give L1 (0 same, 1 disjoint; 3 decimals) and common support in percent (1 decimal), rounded as printed.

    Either group empty: not a number.
    """
    n_treated = int(treated.sum())
    n_control = len(treated) - n_treated
    if not n_treated or not n_control:
        return math.nan, math.nan
    cells, total = _cells(
        np.ascontiguousarray(np.stack(variables)) if variables else np.zeros((0, len(treated)))
    )
    in_treated = np.bincount(cells[treated], minlength=total)
    in_control = np.bincount(cells[~treated], minlength=total)
    distance = 0.5 * float(np.abs(in_treated / n_treated - in_control / n_control).sum())
    shared = int(((in_treated > 0) & (in_control > 0)).sum())
    return round_half_even(distance, 3), round_half_even(100 * shared / total, 1)


@njit(cache=True)
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
    if cell == 0 or spread < cell * share * max(1, intervals) * _EPSILON * 3:
        cell = 9 + cell / 10 if cell > 10 else cell if cell > 0 else 1.0
        cell *= _SHRINK
    else:
        cell = spread / intervals if intervals > 1 else spread
    base = 10.0 ** float(math.floor(math.log10(cell)))
    unit = base
    for times, lean in ((2.0, _LEAN), (5.0, _LEAN_FIVE), (10.0, _LEAN)):
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
    breaks: Floats = evenly(start, stop, last - first + 1)
    for i in range(len(breaks)):
        if abs(breaks[i]) < 1e-14 * (stop - start) / (last - first):
            breaks[i] = 0.0
    return breaks


@njit(cache=True)
def _cells(variables: Any) -> Any:
    """Number the combinations of bins that occur; the bins of a variable are R's, by Scott's rule."""
    count = variables.shape[1]
    keys = np.zeros(count, np.int64)
    room = 1
    for values in variables:
        low, high, total = values[0], values[0], 0.0
        for value in values:
            low, high, total = min(low, value), max(high, value), total + value
        if low == high:
            continue
        squares = 0.0
        for value in values:
            squares += (value - total / count) ** 2
        width = 3.5 * math.sqrt(squares / (count - 1)) * count ** (-1 / 3)
        breaks = pretty(low, high, max(1, math.ceil((high - low) / width)))
        if room > LARGEST_KEY // len(breaks):
            keys, room = renumbered(keys)
        keys = keys * len(breaks) + bins_of(values, breaks)
        room *= len(breaks)
    return renumbered(keys)
