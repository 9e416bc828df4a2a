"""The critical value that serves all windows of all radii: their correlation through the wakes they share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ._hac import overlap_kernel
from ._maxt import correlation, max_t
from ._place_days import Floats
from ._radius import Radius

__all__ = ["joint_critical", "joint_correlation"]


def joint_correlation(radii: Sequence[Radius]) -> Floats:
    """Give the correlation of the log ratios of all windows.

    Between radii it comes from the first draw's influences; one radius has it pooled over draws.
    """
    if len(radii) == 1:
        return correlation(np.nan_to_num(radii[0].part("log_ratio")[1]))
    day = np.concatenate([radius.draws[0].day for radius in radii])
    at = np.vstack([radius.draws[0].at for radius in radii])
    blocks = [radius.draws[0].parts[:, radius.where["log_ratio"]] for radius in radii]
    parts = np.zeros((len(day), sum(block.shape[1] for block in blocks)))
    row = column = 0
    for block in blocks:
        parts[row : row + block.shape[0], column : column + block.shape[1]] = block
        row, column = row + block.shape[0], column + block.shape[1]
    widest = max(radius.plan.km for radius in radii)
    longest = max(radius.plan.horizon for radius in radii)
    kernel = overlap_kernel(day, at, km=widest, days=float(longest))
    parts = np.nan_to_num(parts)
    return correlation(parts.T @ (kernel @ parts))


def joint_critical(radii: Sequence[Radius], *, level: float, seed: int) -> float:
    """Give the max-t critical value over all windows."""
    return max_t(joint_correlation(radii), level=level, seed=seed) if radii else float("nan")
