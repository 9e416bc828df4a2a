"""Covariance when wakes intersect: place-days near in days and km share attacks, and so errors."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._place_days import Floats, Ints, arc_km

__all__ = ["hac", "isolated_share", "overlap_kernel", "pool_draws"]

_EARTH_KM = 6371.0088


def overlap_kernel(day: Ints, at: Floats, *, km: float, days: float, stretch: float = 2.0) -> Any:
    """Give the sparse matrix of weights of pairs: the share of a disc times days that two wakes have in
    common.

    `km` and `days` are stretched, so that the weight of pairs that do intersect stays near 1 and pairs just
    apart, whose places are alike, count too. The weight is the product of two autocorrelations of shapes (a
    disc, a span of days), so the covariance can never be negative.
    """
    from scipy.sparse import coo_array
    from scipy.spatial import cKDTree

    n = len(day)
    reach, span = 2 * stretch * km, stretch * days
    phi, lam = np.radians(at[:, 0]), np.radians(at[:, 1])
    xyz = np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])
    chord = 2 * np.sin(min(reach / (2 * _EARTH_KM), np.pi / 2))
    points = np.column_stack([xyz / chord, day / span])
    pairs = cKDTree(points).query_pairs(1.0, p=np.inf, output_type="ndarray")
    i, j = pairs[:, 0], pairs[:, 1]
    apart = np.minimum(arc_km(at[i], at[j]) / reach, 1.0)
    disc = 2 / np.pi * (np.arccos(apart) - apart * np.sqrt(1 - apart**2))
    weight = disc * np.maximum(1 - np.abs(day[i] - day[j]) / span, 0.0)
    keep = weight > 0
    i, j, weight = i[keep], j[keep], weight[keep]
    own = np.arange(n)
    rows, columns = np.concatenate([i, j, own]), np.concatenate([j, i, own])
    return coo_array((np.concatenate([weight, weight, np.ones(n)]), (rows, columns)), shape=(n, n)).tocsr()


def hac(parts: Floats, kernel: Any, *, n_struck: int) -> Floats:
    """Give the covariance of estimates from the influences of all place-days."""
    covariance = parts.T @ (kernel @ parts)
    return np.asarray((covariance + covariance.T) / 2 * n_struck / max(n_struck - 1, 1))


def pool_draws(values: Floats, covariances: Floats) -> tuple[Floats, Floats, Floats]:
    """Pool the draws of the comparison: mean, total covariance, and the share of variance between draws.

    Total = mean within + (1 + 1/K) between (Rubin 1987).
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
    from scipy.sparse import coo_array
    from scipy.spatial import cKDTree

    phi, lam = np.radians(at[:, 0]), np.radians(at[:, 1])
    xyz = np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])
    chord = 2 * np.sin(min(2 * km / (2 * _EARTH_KM), np.pi / 2))
    points = np.column_stack([xyz / chord, day / days])
    pairs = cKDTree(points).query_pairs(1.0, p=np.inf, output_type="ndarray")
    i, j = pairs[:, 0], pairs[:, 1]
    meets = (arc_km(at[i], at[j]) <= 2 * km) & (np.abs(day[i] - day[j]) < days)
    touched = coo_array((np.ones(int(meets.sum())), (i[meets], j[meets])), shape=(len(day), len(day)))
    return float(((touched.sum(axis=0) + touched.sum(axis=1)) == 0).mean())
