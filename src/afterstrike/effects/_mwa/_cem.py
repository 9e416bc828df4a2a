"""Coarsened exact matching as the peer runs it.

Sturges bins over treated and controls together, then exact strata.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

__all__ = [
    "LARGEST_KEY",
    "Matching",
    "automatic_cutpoints",
    "bins_of",
    "evenly",
    "match",
    "renumbered",
    "strata_of",
]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Keys of combined bins are renumbered before they outgrow 64 bits.
LARGEST_KEY = 2**62


@dataclass(frozen=True)
class Matching:
    """Which wakes are matched, and with what weight.

    Parameters
    ----------
    matched
        True where the wake's stratum holds a treatment and a control.
    weights
        1 for matched treatment; for a matched control its stratum's share; 0 where not matched.
    """

    matched: npt.NDArray[np.bool_]
    weights: Floats


def automatic_cutpoints(values: Floats) -> Floats:
    """Give Sturges' number of equally spaced points from least to greatest; one point where all values are
    equal.
    """
    low, high = float(values.min()), float(values.max())
    if low == high:
        return np.array([low])
    points = math.ceil(math.log2(len(values)) + 1)
    result: Floats = evenly(low, high, max(points, 2))
    return result


@njit(cache=True)
def evenly(low: float, high: float, points: int) -> Any:
    """Space points as R's `seq` does: the step is rounded first, the last point is exact."""
    step = (high - low) / (points - 1)
    result = np.empty(points)
    for i in range(points):
        result[i] = low + i * step
    result[-1] = high
    return result


@njit(cache=True)
def bins_of(values: Any, breaks: Any) -> Any:
    """Give the bin of each value, from 0: bins are (a, b], the first holds its left end too; -1 is
    outside.
    """
    found = np.empty(len(values), np.int64)
    last = len(breaks) - 1
    for i in range(len(values)):
        value = values[i]
        if not (breaks[0] <= value <= breaks[last]):
            found[i] = 0 if last == 0 and value == breaks[0] else -1
            continue
        low, high = 0, last
        while high - low >= 2:
            middle = (low + high) // 2
            if value > breaks[middle]:
                low = middle
            else:
                high = middle
        found[i] = low
    return found


@njit(cache=True)
def renumbered(keys: Any) -> Any:
    """Give each distinct key a number from 0, and how many there are."""
    order = np.argsort(keys)
    numbers = np.empty(len(keys), np.int64)
    at = -1
    for i in range(len(keys)):
        if i == 0 or keys[order[i]] != keys[order[i - 1]]:
            at += 1
        numbers[order[i]] = at
    return numbers, at + 1


def strata_of(binned: Sequence[Ints], sizes: Sequence[int], count: int) -> tuple[Ints, int]:
    """Number the combinations of bins that occur; a missing bin (-1) is a value of its own."""
    keys = np.zeros(count, np.int64)
    room = 1
    for bins, size in zip(binned, sizes, strict=True):
        if room > LARGEST_KEY // (size + 1):
            keys, room = renumbered(keys)
        keys = keys * (size + 1) + (bins + 1)
        room *= size + 1
    numbers, total = renumbered(keys)
    return numbers, int(total)


def match(strata: Ints, total: int, treated: npt.NDArray[np.bool_]) -> Matching:
    """Match within strata.

    Parameters
    ----------
    strata
        Number of each wake's stratum, 0 to `total` - 1.
    total
        Number of strata.
    treated
        True for treatment, False for control.
    """
    in_treated = np.bincount(strata[treated], minlength=total)
    in_control = np.bincount(strata[~treated], minlength=total)
    both = (in_treated > 0) & (in_control > 0)
    matched = both[strata]
    all_treated, all_control = int(in_treated[both].sum()), int(in_control[both].sum())
    weights = matched.astype(np.float64)
    chosen = matched & ~treated
    if all_treated:
        of_stratum = in_treated / np.maximum(in_control, 1) * (all_control / all_treated)
        weights[chosen] = of_stratum[strata[chosen]]
    return Matching(matched, weights)
