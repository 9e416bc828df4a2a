"""Counts around each wake, by the peer's windows: pre one unit longer than post, whole elapsed units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .._pairs import Points, count_pairs
from .._study import CONTROL, OUTCOME, TREATMENT
from ._table import PeerTable
from ._trend import trend, trend_breaks

__all__ = ["KM_PER_DEGREE", "UNIT_MS", "WakeCounts", "count_wakes"]

Counts = npt.NDArray[np.int64]

# The peer's kilometre: an Earth radius of 6366.19 km.
KM_PER_DEGREE = 111.111
UNIT_MS = {"day": 86_400_000, "hour": 3_600_000, "minute": 60_000, "second": 1_000}


@dataclass(frozen=True)
class WakeCounts:
    """Counts by wake, window length and radius; arrays of shape (wakes, lengths, radii).

    Parameters
    ----------
    treated
        True where the wake is a treatment row; one entry a wake.
    complete
        Shape (wakes, lengths): the table reaches far enough before and after the wake.
    dependent_pre, dependent_post
        Outcome rows before and after.
    dependent_trend
        Rising towards the wake is positive.
    so_pre, so_post
        Rows of the wake's own role before and after.
    mo_pre, mo_post
        Rows of the other role before and after.
    """

    treated: npt.NDArray[np.bool_]
    complete: npt.NDArray[np.bool_]
    dependent_pre: Counts
    dependent_post: Counts
    dependent_trend: npt.NDArray[np.float64]
    so_pre: Counts
    so_post: Counts
    mo_pre: Counts
    mo_post: Counts


def count_wakes(
    table: PeerTable, lengths: Sequence[int], radii_km: Sequence[float], unit_ms: int
) -> WakeCounts:
    """Count outcome, treatment and control rows in every window around every wake, in one pass over the
    pairs.

    Parameters
    ----------
    table
        The rows in the peer's order.
    lengths
        Window lengths in units, in any order.
    radii_km
        Radii in km, in any order.
    unit_ms
        Milliseconds to a unit, more than one.
    """
    radii = np.unique(np.asarray(radii_km, np.float64))
    before = sorted(
        {0, *(length + 1 for length in lengths), *(b for length in lengths for b in trend_breaks(length))}
    )
    after = sorted({1, *(length + 1 for length in lengths)})
    # Elapsed time e counts before the wake when b u <= e < b' u: in lags, from -b' u + 1 up to -b u,
    # inclusive.
    edges = [1 - b * unit_ms for b in reversed(before)] + [a * unit_ms for a in after]
    everyone = np.arange(len(table.role))
    events = Points(table.time_ms, table.lat, table.lon, everyone)
    at = table.wakes
    wakes = Points(table.time_ms[at], table.lat[at], table.lon[at], at)
    histogram = count_pairs(
        wakes,
        events,
        table.role,
        lag_edges_ms=edges,
        radii_km=radii.tolist(),
        n_categories=3,
        km_per_degree=KM_PER_DEGREE,
        earlier_wins_ties=True,
    )
    within = np.cumsum(histogram, axis=2, dtype=np.int64)[:, :, np.searchsorted(radii, radii_km), :]
    n_before = len(before) - 1
    # Sums from the wake outwards, with a first entry of nothing: entry i holds what is nearer than break i.
    near = np.concatenate(
        [np.zeros_like(within[:, :1]), np.cumsum(within[:, n_before - 1 :: -1], axis=1)], axis=1
    )
    later = np.cumsum(within[:, n_before + 1 :], axis=1)
    pre = near[:, [before.index(length + 1) for length in lengths]]
    post = later[:, [after.index(length + 1) - 1 for length in lengths]]
    treated = table.role[at] == TREATMENT
    near_dependent = {b: near[:, i, :, OUTCOME] for i, b in enumerate(before)}
    return WakeCounts(
        treated=treated,
        complete=_complete(table, lengths, unit_ms),
        dependent_pre=pre[..., OUTCOME],
        dependent_post=post[..., OUTCOME],
        dependent_trend=np.stack([trend(near_dependent, length) for length in lengths], axis=1),
        so_pre=_of_role(pre, treated),
        so_post=_of_role(post, treated),
        mo_pre=_of_role(pre, ~treated),
        mo_post=_of_role(post, ~treated),
    )


def _of_role(counts: Counts, treated: npt.NDArray[np.bool_]) -> Counts:
    return np.where(treated[:, None, None], counts[..., TREATMENT], counts[..., CONTROL])


def _complete(table: PeerTable, lengths: Sequence[int], unit_ms: int) -> npt.NDArray[np.bool_]:
    """Say which wakes have the table's first row further before, and its last row further after, than a
    window.
    """
    own = table.time_ms[table.wakes][:, None]
    reach = np.asarray(lengths, np.int64)[None, :]
    result: npt.NDArray[np.bool_] = ((own - table.time_ms[0]) // unit_ms > reach) & (
        (table.time_ms[-1] - own) // unit_ms > reach
    )
    return result
