"""Standard errors of shared coefficients that hold up when counts hang together in time and between zones."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["by_time", "by_zone", "reach"]

Floats = npt.NDArray[np.float64]


def reach(periods: int, longest: int) -> int:
    """Give over how many periods scores may hang together: those an effect lasts, at least as Newey and West."""
    return int(min(max(np.ceil(4 * (periods / 100) ** (2 / 9)), longest), max(periods // 8, 1)))


def by_time(bread: Floats, score: Floats, lags: int, columns: int) -> Floats:
    """Give the covariance where scores of all zones together hang together over `lags` periods.

    Scores are summed over zones, so zones may move together in any way (Driscoll and Kraay); in time with the
    weights of Bartlett (Newey and West).
    """
    total = score.sum(axis=0)
    active = int((np.abs(total).sum(axis=1) > 0).sum())
    meat = total.T @ total
    for lag in range(1, lags + 1):
        part = total[lag:].T @ total[:-lag]
        meat += (1 - lag / (lags + 1)) * (part + part.T)
    correction = active / max(active - columns, 1)
    return np.asarray(correction * bread @ meat @ bread)


def by_zone(bread: Floats, score: Floats) -> Floats:
    """Give the covariance clustered by zone, with the usual correction for few clusters."""
    total = score.sum(axis=1)
    active = int((np.abs(total).sum(axis=1) > 0).sum())
    return np.asarray(active / max(active - 1, 1) * bread @ (total.T @ total) @ bread)
