"""One critical value for many estimates: that of the largest |t| under their joint covariance."""

from __future__ import annotations

import numpy as np

from ._place_days import Floats

__all__ = ["correlation", "max_t"]

_DRAWS = 20_000


def correlation(covariance: Floats) -> Floats:
    """Give the correlations; rows without variance correlate with nothing."""
    spread = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    safe = np.where(spread > 0, spread, 1.0)
    out = covariance / np.outer(safe, safe)
    np.fill_diagonal(out, 1.0)
    return np.asarray(out)


def max_t(correlations: Floats, *, level: float, seed: int) -> float:
    """Give the value that the largest of jointly normal |t| exceeds with probability 1 - level."""
    value, vector = np.linalg.eigh(np.nan_to_num(correlations))
    root = vector * np.sqrt(np.clip(value, 0.0, None))
    normal = np.random.default_rng([seed, 7]).standard_normal((_DRAWS, len(value)))
    drawn = normal @ root.T
    spread = np.sqrt(np.maximum((root**2).sum(axis=1), 1e-12))
    return float(np.quantile(np.abs(drawn / spread).max(axis=1), level))
