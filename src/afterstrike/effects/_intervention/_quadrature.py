"""The peer's quadrature: strikes of a period plus one dummy a tile, weighted by the tile's area."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ._lookup import nearest_valid
from ._space import EventPoints, SpaceTime, contains
from ._surfaces import Surface

__all__ = ["Quadrature", "quadrature", "values_at"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
# What spatstat takes where nothing is said: tiles a side, and pixels a side of the raster of its dummies.
_TILES, _RASTER = 32, 128


@dataclass(frozen=True, eq=False)
class Quadrature:
    """Places of all periods, one after the other; within a period strikes stand before dummies.

    Parameters
    ----------
    x_km, y_km, weight
        Place and area it stands for, shape (n,).
    is_strike
        Strikes have response 1 / weight, dummies 0.
    period
        Number of the period.
    """

    x_km: Floats
    y_km: Floats
    weight: Floats
    is_strike: npt.NDArray[np.bool_]
    period: Ints


@dataclass(frozen=True, eq=False)
class _Tiles:
    side: int
    area: Floats
    x_km: Floats
    y_km: Floats
    tile: Ints


def quadrature(space: SpaceTime, strikes: EventPoints) -> Quadrature:
    """Build the peer's quadrature of every period."""
    made: dict[int, _Tiles] = {}
    parts: list[tuple[Floats, Floats, Floats, npt.NDArray[np.bool_], Ints]] = []
    order = np.argsort(strikes.period, kind="stable")
    edges = np.searchsorted(strikes.period[order], np.arange(space.n_periods + 1))
    for t in range(space.n_periods):
        members = order[edges[t] : edges[t + 1]]
        side = _side(len(members))
        tiles = made.setdefault(side, _tiles(space, side)) if side not in made else made[side]
        x = np.concatenate([strikes.x_km[members], tiles.x_km])
        y = np.concatenate([strikes.y_km[members], tiles.y_km])
        own = np.concatenate([_tile_of(space, x[: len(members)], y[: len(members)], side), tiles.tile])
        weight = tiles.area[own] / np.bincount(own, minlength=side * side)[own]
        parts.append((x, y, weight, np.arange(len(x)) < len(members), np.full(len(x), t)))
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return Quadrature(columns[0], columns[1], columns[2], columns[3], columns[4])


def _side(n: int) -> int:
    """Give the tiles a side for n strikes, raised until it divides the raster."""
    asked = max(_TILES, 10 * math.ceil(2 * math.sqrt(n) / 10))
    while asked < _RASTER and _RASTER % asked:
        asked += 1
    return asked


def _tile_of(space: SpaceTime, x: Floats, y: Floats, side: int) -> Ints:
    west, south, east, north = space.bounds
    column = np.clip(np.floor((x - west) / (east - west) * side), 0, side - 1).astype(np.int64)
    row = np.clip(np.floor((y - south) / (north - south) * side), 0, side - 1).astype(np.int64)
    found: Ints = row * side + column
    return found


def _tiles(space: SpaceTime, side: int) -> _Tiles:
    """Give the exact area of each tile's part inside the window, and its dummy.

    The dummy is the mean of the raster's pixel centres inside the tile and the window; where that lies
    outside the window, the middle one of these pixels, counted column by column.
    """
    import shapely

    west, south, east, north = space.bounds
    x_edge = west + np.arange(side + 1) * (east - west) / side
    y_edge = south + np.arange(side + 1) * (north - south) / side
    boxes = shapely.box(x_edge[None, :-1], y_edge[:-1, None], x_edge[None, 1:], y_edge[1:, None])
    shapely.prepare(space.window)
    area = shapely.area(shapely.intersection(space.window, boxes)).ravel()
    raster = space.with_shape((max(_RASTER, side), max(_RASTER, side)))
    column, row = np.nonzero(raster.inside.T)
    x, y = raster.x_km[column], raster.y_km[row]
    tile = _tile_of(space, x, y, side)
    held = np.bincount(tile, minlength=side * side)
    used = np.flatnonzero(held)
    x_mean = np.bincount(tile, x, side * side)[used] / held[used]
    y_mean = np.bincount(tile, y, side * side)[used] / held[used]
    by_tile = np.argsort(tile, kind="stable")
    start = np.searchsorted(tile[by_tile], used)
    middle = by_tile[start + (held[used] - 1) // 2]
    out = ~contains(space.window, x_mean, y_mean)
    x_mean[out], y_mean[out] = x[middle[out]], y[middle[out]]
    corner_x, corner_y = np.array([west, east, west, east]), np.array([south, south, north, north])
    at = contains(space.window, corner_x, corner_y)
    x_all, y_all = np.append(x_mean, corner_x[at]), np.append(y_mean, corner_y[at])
    return _Tiles(side, area, x_all, y_all, _tile_of(space, x_all, y_all, side))


def values_at(
    space: SpaceTime, surfaces: Sequence[Surface], x_km: Floats, y_km: Floats, period: Ints
) -> Floats:
    """Read the surfaces at places and periods, each at the nearest pixel inside; shape (n, surfaces)."""
    found = np.empty((len(x_km), len(surfaces)))
    for k, surface in enumerate(surfaces):
        if surface.values.ndim == 1:
            found[:, k] = surface.values[period]
            continue
        valid = space.inside & np.isfinite(surface.values if surface.values.ndim == 2 else surface.values[0])
        row, column = nearest_valid(space, valid, x_km, y_km, trim=surface.trim)
        image = surface.values
        found[:, k] = image[row, column] if image.ndim == 2 else image[period, row, column]
    return found
