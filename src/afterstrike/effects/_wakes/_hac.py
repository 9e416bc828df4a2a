"""Covariance when wakes intersect: place-days near in days and km share attacks, and so errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ._place_days import Floats, Ints

__all__ = ["PairKernel", "hac", "isolated_share", "overlap_kernel", "pool_draws"]

_EARTH_KM = 6371.0088


@dataclass(frozen=True)
class PairKernel:
    """Symmetric weights of pairs of place-days, 1 on the diagonal; only the pairs above it are kept."""

    above: Any

    def __matmul__(self, parts: Floats) -> Floats:
        return np.asarray(parts + self.above @ parts + self.above.T @ parts)

    def toarray(self) -> Floats:
        """Give the whole matrix."""
        half = self.above.toarray()
        return np.asarray(half + half.T + np.eye(len(half)))


def overlap_kernel(day: Ints, at: Floats, *, km: float, days: float, stretch: float = 2.0) -> PairKernel:
    """Give the weights of pairs: the share of a disc times days that two wakes have in common.

    `km` and `days` are stretched, so that the weight of pairs that do intersect stays near 1 and pairs just
    apart, whose places are alike, count too. The weight is the product of two autocorrelations of shapes (a
    disc, a span of days), so the covariance can never be negative.
    """
    from scipy.sparse import coo_array

    n, reach, span = len(day), 2 * stretch * km, stretch * days
    i, j, apart = _near_pairs(day, at, km=reach, days=span)
    apart = np.minimum(apart / reach, 1.0)
    weight = 2 / np.pi * (np.arccos(apart) - apart * np.sqrt(1 - apart**2))
    weight *= np.maximum(1 - np.abs(day[i] - day[j]) / span, 0.0)
    return PairKernel(coo_array((weight, (i, j)), shape=(n, n)))


def _near_pairs(day: Ints, at: Floats, *, km: float, days: float) -> tuple[Ints, Ints, Floats]:
    """List the pairs at most `km` and `days` apart, and their distance in km."""
    from ._near import list_pairs

    phi, lam = np.radians(at[:, 0]), np.radians(at[:, 1])
    xyz = np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])
    chord = 2 * np.sin(min(km / (2 * _EARTH_KM), np.pi / 2))
    order = np.argsort(day, kind="stable")
    i, j, across = list_pairs(day[order].astype(np.float64), xyz[order], chord, days)
    apart = 2 * _EARTH_KM * np.arcsin(np.minimum(across / 2, 1.0))
    return order[i], order[j], apart


def hac(parts: Floats, kernel: PairKernel, *, n_struck: int) -> Floats:
    """Give the covariance of estimates from the influences of all place-days."""
    covariance = parts.T @ (kernel @ parts)
    return np.asarray((covariance + covariance.T) / 2 * n_struck / max(n_struck - 1, 1))


def pool_draws(values: Floats, covariances: Floats) -> tuple[Floats, Floats, Floats]:
    """Pool the draws of the comparison: mean, total covariance, and the share of variance between draws.

    Total = mean within + (1 + 1/K) between (Rubin 1987, doi:10.1002/9780470316696). The errors within know
    already that the comparison was drawn, so the sum is on the wide side: `tools/measure_recovery.py` prints
    by how much in simulated theatres. It is kept, as placebo strikes in real records spread up to that much
    more than in theatres.
    """
    draws = len(values)
    within = covariances.mean(axis=0)
    apart = values - values.mean(axis=0)
    between = apart.T @ apart / max(draws - 1, 1)
    total = within + (1 + 1 / draws) * between
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.diag(between) * (1 + 1 / draws) / np.diag(total)
    return values.mean(axis=0), total, share


def isolated_share(day: Ints, at: Floats, *, km: float, days: int) -> float:
    """Give the share of struck place-days whose wake (days 1..days, within km) intersects no other's."""
    i, j, _ = _near_pairs(day, at, km=2 * km, days=float(days))
    meets = np.abs(day[i] - day[j]) < days
    touched = np.zeros(len(day), bool)
    touched[i[meets]] = True
    touched[j[meets]] = True
    return float((~touched).mean())
