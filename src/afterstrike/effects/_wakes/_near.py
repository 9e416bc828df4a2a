"""The compiled half of `_hac`: list the pairs of place-days near in days and km."""

from __future__ import annotations

import numba
import numpy as np

from ._place_days import Floats, Ints

__all__ = ["list_pairs"]


@numba.njit(cache=True)
def list_pairs(day: Floats, xyz: Floats, chord: float, days: float) -> tuple[Ints, Ints, Floats]:
    """List pairs i < j at most `days` and `chord` (straight-line, on the unit sphere) apart.

    `day` ascends, so that the pairs of each place-day stand behind it. Counted once, then filled: the lists
    are as long as they need to be.
    """
    n, most = len(day), chord * chord
    count = 0
    for i in range(n):
        for j in range(i + 1, n):
            if day[j] - day[i] > days:
                break
            gap = (xyz[i, 0] - xyz[j, 0]) ** 2 + (xyz[i, 1] - xyz[j, 1]) ** 2 + (xyz[i, 2] - xyz[j, 2]) ** 2
            count += gap <= most
    one, two = np.empty(count, np.int64), np.empty(count, np.int64)
    apart = np.empty(count, np.float64)
    at = 0
    for i in range(n):
        for j in range(i + 1, n):
            if day[j] - day[i] > days:
                break
            gap = (xyz[i, 0] - xyz[j, 0]) ** 2 + (xyz[i, 1] - xyz[j, 1]) ** 2 + (xyz[i, 2] - xyz[j, 2]) ** 2
            if gap <= most:
                one[at], two[at], apart[at] = i, j, np.sqrt(gap)
                at += 1
    return one, two, apart
