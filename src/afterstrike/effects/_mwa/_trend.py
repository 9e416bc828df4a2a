"""The peer's trend before a wake.

Near time bins against far ones, with a ratio that whole-number division cuts.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from ...errors import UsageError

__all__ = ["trend", "trend_breaks"]


def trend_breaks(length: int) -> tuple[int, ...]:
    """Give the elapsed units at which the near bins of a window of `length` units may end."""
    if length < 2:
        raise UsageError(
            f"a window of {length} units: mwa 0.5.0 divides by zero in its trend; allowed whole numbers from "
            "2"
        )
    if length % 2 == 0:
        return (length // 2,)
    half = (length + 1) // 2
    return (half - 1, half)


def trend(near: Mapping[int, npt.NDArray[np.int64]], length: int) -> npt.NDArray[np.float64]:
    """Give the trend from cumulative counts.

    Parameters
    ----------
    near
        By number of units m: outcome rows with fewer than m whole units elapsed before the wake.
    length
        The window's length T in units; bins 0 to T count.
    """
    total = near[length + 1]
    if length % 2 == 0:
        at = near[length // 2]
        return (at - (total - at)).astype(np.float64)
    half = (length + 1) // 2
    # Meant as s / (s - 1), but divided as whole numbers: 2 for a window of three units, else 1.
    ratio = half // (half - 1)
    outer, inner = near[half], near[half - 1]
    result: npt.NDArray[np.float64] = 0.5 * (
        (outer - ratio * (total - outer)) + (ratio * inner - (total - inner))
    )
    return result
