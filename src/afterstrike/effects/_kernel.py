"""The compiled half of `_pairs`: fills the histogram of each wake.

Kept apart because importing Numba takes time.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit, prange

__all__ = ["fill_histogram", "fill_histogram_alone"]


@njit(cache=True)
def _first_at_least(values: Any, low: int, high: int, wanted: int) -> int:
    """Give the first position in values[low:high], ascending, whose value is at least `wanted`."""
    while low < high:
        middle = (low + high) // 2
        if values[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@njit(cache=True)
def _arc_km(lat: float, lon: float, other_lat: float, other_lon: float, km_per_degree: float) -> float:
    turn = other_lon - lon
    east = math.cos(other_lat) * math.sin(turn)
    north = math.cos(lat) * math.sin(other_lat) - math.sin(lat) * math.cos(other_lat) * math.cos(turn)
    along = math.sin(lat) * math.sin(other_lat) + math.cos(lat) * math.cos(other_lat) * math.cos(turn)
    return math.degrees(math.atan2(math.sqrt(east * east + north * north), along)) * km_per_degree


@njit(cache=True)
def _ring(squared: float, inside: Any, outside: Any) -> int:
    """Give the ring of a squared chord, or -1 - ring where it is so near an edge that only the formula
    decides.
    """
    s = 0
    for at in range(len(outside) - 1):
        # Counted, not searched: which ring it is cannot be predicted, and a wrong guess costs more than a
        # sum.
        s += squared > outside[at]
    return s if squared < inside[s] else -1 - s


@njit(cache=True)
def _visit(
    out: Any, here: Any, when: int, own: int, start: int, stop: int, events: Any, windows: Any
) -> None:
    """Add the events of one cell to one wake's histogram. They are in time order: the bin only moves
    forward.
    """
    time_ms, xyz, angles, rank, category = events
    edges, radii, inside, outside, km_per_degree, earlier_wins_ties = windows
    at = _first_at_least(time_ms, start, stop, when + edges[0])
    time_bin = 0
    end = when + edges[-1]
    n_rings = len(radii)
    farthest = outside[n_rings - 1]
    while at < stop and time_ms[at] < end:
        dx, dy, dz = xyz[at, 0] - here[0], xyz[at, 1] - here[1], xyz[at, 2] - here[2]
        squared = dx * dx + dy * dy + dz * dz
        if squared <= farthest and rank[at] != own:
            lag = time_ms[at] - when
            while lag >= edges[time_bin + 1]:
                time_bin += 1
            ring = _ring(squared, inside, outside)
            if ring < 0:
                ring = -1 - ring
                km = _arc_km(here[3], here[4], angles[at, 0], angles[at, 1], km_per_degree)
                while ring < n_rings and km > radii[ring]:
                    ring += 1
            if ring < n_rings and (lag != 0 or not earlier_wins_ties or rank[at] < own):
                out[time_bin, ring, category[at]] += 1
        at += 1


@njit(cache=True)
def _longitudes_within(lat: float, reach: float) -> float:
    """Give half the span of longitudes a disc covers, by the sine rule; a disc that holds a pole covers
    all.
    """
    if abs(lat) + reach < math.pi / 2 - 1e-9:
        return math.asin(min(1.0, math.sin(reach) / math.cos(lat))) + 1e-9
    return math.pi


@njit(cache=True)
def _stretch(lon: float, half: float, cells: int) -> Any:
    """Give the first cell of a band that a disc may touch, and the last, counted on beyond the
    antimeridian.
    """
    scale = cells / (2 * math.pi)
    # One cell more on each side: rounding may put an event beside the cell where this arithmetic expects it.
    west = math.floor((lon + math.pi - half) * scale) - 1
    east = math.floor((lon + math.pi + half) * scale) + 1
    if east - west + 1 >= cells:
        return 0, cells - 1
    first = west % cells
    return first, first + (east - west)


@njit(cache=True)
def _around_wake(out: Any, w: int, wakes: Any, grid: Any, events: Any, windows: Any, reach: float) -> None:
    """Add all events within reach of one wake to its histogram."""
    times, lats, lons, ranks = wakes
    band_height, band_cells, band_first, cell_ids, cell_starts = grid
    lat, lon = lats[w], lons[w]
    flat = math.cos(lat)
    here = np.array([flat * math.cos(lon), flat * math.sin(lon), math.sin(lat), lat, lon])
    half = _longitudes_within(lat, reach)
    south = max(0, math.floor((math.degrees(lat - reach) + 90) / band_height))
    north = min(len(band_cells) - 1, math.floor((math.degrees(lat + reach) + 90) / band_height))
    for band in range(south, north + 1):
        cells = band_cells[band]
        first, last = _stretch(lon, half, cells)
        # A stretch over the antimeridian is two runs of cells.
        for run in range(2):
            low = band_first[band] + (first if run == 0 else 0)
            high = band_first[band] + (min(last, cells - 1) if run == 0 else last - cells)
            c = _first_at_least(cell_ids, 0, len(cell_ids), low)
            while c < len(cell_ids) and cell_ids[c] <= high:
                _visit(out, here, times[w], ranks[w], cell_starts[c], cell_starts[c + 1], events, windows)
                c += 1


# Two functions of two names: Numba keeps compiled code by name, and would take one for the other.
@njit(cache=True, parallel=True)
def fill_histogram(
    out: Any, order: Any, wakes: Any, grid: Any, events: Any, windows: Any, reach: float
) -> None:
    """Fill `out` (wakes, bins, rings, categories) on all threads; each wake writes its own part only."""
    for position in prange(len(order)):
        _around_wake(out[order[position]], order[position], wakes, grid, events, windows, reach)


@njit(cache=True)
def fill_histogram_alone(
    out: Any, order: Any, wakes: Any, grid: Any, events: Any, windows: Any, reach: float
) -> None:
    """Do the same on one thread: starting threads takes longer than a small study needs."""
    for position in range(len(order)):
        _around_wake(out[order[position]], order[position], wakes, grid, events, windows, reach)
