"""Count neighbours in space and time: one pass over the pairs serves every window.

For each wake the pairs are sorted into a histogram of (time bin, distance ring, category); a window is a sum
over bins and rings. Distances are great-circle, without a projection, so the poles and the antimeridian need
no care by the caller. Cells hold their events in time order, so that only pairs near in space *and* time are
visited: in clustered data the pairs near in space alone are too many to look at.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import UsageError

__all__ = ["EARTH_KM_PER_DEGREE", "Points", "count_pairs", "count_pairs_numpy"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

# One degree of arc on a sphere with the mean Earth radius, 6371.0088 km.
EARTH_KM_PER_DEGREE = math.radians(6371.0088)
# Cells smaller than this (about a kilometre) would be more numerous than useful.
_SMALLEST_CELL_DEGREES = 0.01
# Wakes times events from which threads pay.
_WORTH_THREADS = 2_000_000


@dataclass(frozen=True)
class Points:
    """Places and times as the kernel takes them.

    Parameters
    ----------
    time_ms
        Milliseconds since 1970, UTC; int64.
    lat, lon
        Degrees, WGS84.
    rank
        Position in the order that breaks ties of time, unique among the events. A wake that is itself one of
        the events has that event's rank and is never counted as its own neighbour; any other wake has -1.
    """

    time_ms: Ints
    lat: Floats
    lon: Floats
    rank: Ints


def count_pairs(
    wakes: Points,
    events: Points,
    category: npt.NDArray[np.int8],
    *,
    lag_edges_ms: Sequence[int] | Ints,
    radii_km: Sequence[float],
    n_categories: int,
    km_per_degree: float = EARTH_KM_PER_DEGREE,
    earlier_wins_ties: bool = False,
) -> npt.NDArray[np.int32]:
    """Count the events around each wake by time bin, distance ring and category.

    Parameters
    ----------
    wakes, events
        Where and when; see `Points`.
    category
        Category of each event, 0 to `n_categories` - 1; negative: never counted.
    lag_edges_ms
        Ascending edges of the time bins, in milliseconds from wake to event (negative: before the wake). Bin
        b holds lags from edge b up to but not including edge b + 1.
    radii_km
        Ascending radii in km. Ring s holds distances above radius s - 1 up to and including radius s.
    n_categories
        Number of categories.
    km_per_degree
        Kilometres to a degree of arc.
    earlier_wins_ties
        Of the events at the very time of the wake, count only those of lower rank.

    Returns
    -------
    numpy.ndarray
        int32, shape (wakes, bins, rings, categories). The same for any number of threads and any order of
        rows.

    Raises
    ------
    UsageError
        Edges or radii do not ascend, or a radius is not positive.

    Examples
    --------
    >>> import numpy as np
    >>> at = lambda t, lat: Points(np.array(t), np.array(lat), np.zeros(len(t)), np.arange(len(t)))
    >>> events = at([0, 5, 9], [0.0, 0.0, 1.0])
    >>> one = Points(np.array([5]), np.array([0.0]), np.array([0.0]), np.array([1]))
    >>> count_pairs(one, events, np.zeros(3, np.int8), lag_edges_ms=[-10, 0, 10], radii_km=[10, 200],
    ...             n_categories=1)[0, :, :, 0]
    array([[1, 0],
           [0, 1]], dtype=int32)
    """
    edges, radii = _checked(lag_edges_ms, radii_km)
    out = np.zeros((len(wakes.lat), len(edges) - 1, len(radii), n_categories), np.int32)
    kept = np.flatnonzero((category >= 0) & (category < n_categories))
    if not len(kept) or not len(out):
        return out
    grid = _Grid.of(events, category, kept, reach=radii[-1] / km_per_degree)
    from ._kernel import fill_histogram, fill_histogram_alone

    fill = fill_histogram if len(out) * len(kept) > _WORTH_THREADS else fill_histogram_alone
    chords = _chords_squared(radii, km_per_degree)
    # Rounding in coordinates of size 1 moves a chord by some 1e-16; that near an edge, the formula decides.
    slack = np.where(np.isinf(chords), 0.0, np.maximum(chords * 1e-9, np.sqrt(np.abs(chords)) * 1e-14))
    fill(
        out,
        _interleaved(len(out)),
        (
            np.ascontiguousarray(wakes.time_ms, np.int64),
            np.radians(wakes.lat),
            np.radians(wakes.lon),
            np.ascontiguousarray(wakes.rank, np.int64),
        ),
        (grid.band_height, grid.band_cells, grid.band_first, grid.cell_ids, grid.cell_starts),
        (grid.time_ms, grid.xyz, grid.angles, grid.rank, grid.category),
        (edges, radii, chords - slack, chords + slack, km_per_degree, earlier_wins_ties),
        math.radians(radii[-1] / km_per_degree) * (1 + 1e-9) + 1e-9,
    )
    return out


def count_pairs_numpy(
    wakes: Points,
    events: Points,
    category: npt.NDArray[np.int8],
    *,
    lag_edges_ms: Sequence[int] | Ints,
    radii_km: Sequence[float],
    n_categories: int,
    km_per_degree: float = EARTH_KM_PER_DEGREE,
    earlier_wins_ties: bool = False,
) -> npt.NDArray[np.int32]:
    """Count as `count_pairs` does, in plain NumPy, wake by wake: the twin that tests and benchmarks compare
    with.
    """
    edges, radii = _checked(lag_edges_ms, radii_km)
    n_bins, n_rings = len(edges) - 1, len(radii)
    out = np.zeros((len(wakes.lat), n_bins, n_rings, n_categories), np.int32)
    kept = np.flatnonzero((category >= 0) & (category < n_categories))
    kept = kept[np.argsort(events.time_ms[kept], kind="stable")]
    time, rank, kind = events.time_ms[kept], events.rank[kept], category[kept].astype(np.int64)
    lat, lon = np.radians(events.lat[kept]), np.radians(events.lon[kept])
    for w in range(len(out)):
        first, last = np.searchsorted(time, [wakes.time_ms[w] + edges[0], wakes.time_ms[w] + edges[-1]])
        near = slice(first, last)
        lag = time[near] - wakes.time_ms[w]
        km = (
            _arc_degrees(np.radians(wakes.lat[w]), np.radians(wakes.lon[w]), lat[near], lon[near])
            * km_per_degree
        )
        ring = np.searchsorted(radii, km, side="left")
        keep = (ring < n_rings) & (rank[near] != wakes.rank[w])
        if earlier_wins_ties:
            keep &= (lag != 0) | (rank[near] < wakes.rank[w])
        time_bin = np.searchsorted(edges, lag, side="right") - 1
        cell = (time_bin * n_rings + ring) * n_categories + kind[near]
        counts = np.bincount(cell[keep], minlength=n_bins * n_rings * n_categories)
        out[w] = counts.reshape(n_bins, n_rings, n_categories)
    return out


def _arc_degrees(lat: float, lon: float, lats: Floats, lons: Floats) -> Floats:
    """Give the great-circle angle in degrees; well conditioned for near and for opposite places."""
    turn = lons - lon
    east = np.cos(lats) * np.sin(turn)
    north = np.cos(lat) * np.sin(lats) - np.sin(lat) * np.cos(lats) * np.cos(turn)
    along = np.sin(lat) * np.sin(lats) + np.cos(lat) * np.cos(lats) * np.cos(turn)
    degrees: Floats = np.degrees(np.arctan2(np.sqrt(east * east + north * north), along))
    return degrees


def _checked(lag_edges_ms: Sequence[int] | Ints, radii_km: Sequence[float]) -> tuple[Ints, Floats]:
    edges, radii = np.asarray(lag_edges_ms, np.int64), np.asarray(radii_km, np.float64)
    if len(edges) < 2 or np.any(np.diff(edges) <= 0):
        raise UsageError(f"lag_edges_ms={list(edges)}; allowed two or more ascending whole numbers")
    if not len(radii) or not np.all(np.isfinite(radii)) or np.any(np.diff(radii, prepend=0.0) <= 0):
        raise UsageError(f"radii_km={list(radii)}; allowed one or more ascending positive numbers of km")
    return edges, radii


def _chords_squared(radii: Floats, km_per_degree: float) -> Floats:
    """Give the squared straight-line distance, on a unit sphere, that each radius spans."""
    arc = np.radians(radii / km_per_degree)
    return np.where(arc >= np.pi, np.inf, 4 * np.sin(np.minimum(arc, np.pi) / 2) ** 2)


def _interleaved(count: int, ways: int = 64) -> Ints:
    """Give an order of wakes in which each thread's share holds wakes of all periods, so that shares are
    even.
    """
    return np.concatenate([np.arange(start, count, ways) for start in range(min(ways, count))])


@dataclass(frozen=True)
class _Grid:
    """Events sorted by cell, then time. A cell is a stretch of longitude within a band of latitude."""

    band_height: float
    band_cells: Ints
    band_first: Ints
    cell_ids: Ints
    cell_starts: Ints
    time_ms: Ints
    xyz: Floats
    angles: Floats
    rank: Ints
    category: npt.NDArray[np.int8]

    @classmethod
    def of(cls, events: Points, category: npt.NDArray[np.int8], kept: Ints, *, reach: float) -> _Grid:
        """Sort the kept events; `reach` is the largest radius in degrees, cells are half as large."""
        height = min(max(reach / 2, _SMALLEST_CELL_DEGREES), 90.0)
        bands = math.ceil(180 / height)
        middle = np.radians(np.clip((np.arange(bands) + 0.5) * height - 90, -90, 90))
        band_cells = np.maximum(1, (360 * np.cos(middle) / height).astype(np.int64))
        band_first = np.concatenate([[0], np.cumsum(band_cells)])
        lat, lon = events.lat[kept], events.lon[kept]
        band = np.clip(((lat + 90) / height).astype(np.int64), 0, bands - 1)
        turn = np.mod(lon + 180, 360) / 360
        cell = band_first[band] + np.minimum((turn * band_cells[band]).astype(np.int64), band_cells[band] - 1)
        order = np.lexsort((events.time_ms[kept], cell))
        ids, starts = np.unique(cell[order], return_index=True)
        phi, lam = np.radians(lat[order]), np.radians(lon[order])
        flat = np.cos(phi)
        picked: Any = kept[order]
        return cls(
            band_height=height,
            band_cells=band_cells,
            band_first=band_first,
            cell_ids=ids,
            cell_starts=np.append(starts, len(order)).astype(np.int64),
            time_ms=events.time_ms[picked].astype(np.int64),
            xyz=np.column_stack([flat * np.cos(lam), flat * np.sin(lam), np.sin(phi)]),
            angles=np.column_stack([phi, lam]),
            rank=events.rank[picked].astype(np.int64),
            category=category[picked],
        )
