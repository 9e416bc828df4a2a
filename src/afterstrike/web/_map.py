"""What the map draws of a selection: places with their counts, or cells where there are too many places."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import orjson

from ..charts._map import RADIUS_KM
from ..record._schema import EVENT_KINDS
from ._index import Floats, Index, Ints

__all__ = ["MOST_CELLS", "MOST_SITES", "map_json", "site_heads"]

MOST_SITES = 4000
MOST_CELLS = 1500
CELL_PX = 24  # width of a cell on a map whose world is 512 pixels wide at zoom 0, at a whole zoom
_WIDTH = len(EVENT_KINDS)
_BITS = 64 // _WIDTH
_PRECISIONS = tuple(RADIUS_KM)
_HALF_WORLD = 85.051129  # degrees north where a Mercator map ends

# Gives what was made before under a key, else makes it; `Snapshot.once`.
Once = Callable[[str, Callable[[], Any]], Any]


def map_json(index: Index, chosen: Ints, zoom: float, once: Once) -> dict[str, Any]:
    """Give places, or cells, of the chosen events, and how many are not drawn and why.

    Parameters
    ----------
    index, chosen
        The events and which of them.
    zoom : float
        Zoom of the map, 0 to 22; it sets the size of the cells.
    once : callable
        Keeps what is the same for all answers on one copy of the record.

    Returns
    -------
    dict
        `points` or `cells`, ready to be written as JSON; their `n` and `left_out` sum to the chosen events.
    """
    drawn = chosen[index.is_drawn[chosen]]
    site = index.site[drawn]
    is_there = np.zeros(len(index.site_lat), dtype=np.bool_)
    is_there[site] = True
    sites = np.flatnonzero(is_there)
    found: dict[str, Any] = {
        "is_cells": len(sites) > MOST_SITES,
        "sites": len(sites),
        "points": [],
        "cells": [],
    }
    if found["is_cells"]:
        found["cells"] = _cells(index, drawn, sites, zoom, once)
    else:
        heads: list[bytes] = once("site heads", lambda: site_heads(index))
        number = _renumbered(is_there)
        table = np.bincount(number[site] * _WIDTH + index.kind_of[drawn], minlength=len(sites) * _WIDTH)
        # a place is written once for a copy of the record; here only its counts are put behind it
        tails = _tails(table.reshape(-1, _WIDTH))
        body = b",".join([heads[n] + tail for n, tail in zip(sites.tolist(), tails, strict=True)])
        found["points"] = orjson.Fragment(b"[" + body + b"]")
    found["left_out"] = _left_out(index, chosen)
    found["drawn"] = len(drawn)
    found["radius_km"] = {str(code): km for code, km in RADIUS_KM.items()}
    return found


def site_heads(index: Index) -> list[bytes]:
    """Write the part of every place that is the same in all answers: where it is, how surely, and its name."""
    rows = zip(index.site_lat.tolist(), index.site_lon.tolist(), index.site_precision.tolist(),
               index.site_name.tolist(), strict=True)  # fmt: skip
    return [
        orjson.dumps({"lat": lat, "lon": lon, "precision": precision, "place": name})[:-1]
        for lat, lon, precision, name in rows
    ]


def _renumbered(is_there: Any) -> Ints:
    """Number what is there from 0 on."""
    number: Ints = np.cumsum(is_there) - 1
    return number


def _tails(table: Ints) -> list[bytes]:
    """Write the counts of each place; few different ones occur."""
    # eight kinds of eight bits each are one number to look them up by, where no count needs more
    keys = (table << (np.arange(_WIDTH) * _BITS)).sum(axis=1).tolist()
    for n in np.flatnonzero((table >= 1 << _BITS).any(axis=1)).tolist():
        keys[n] = tuple(table[n].tolist())
    written: dict[Any, bytes] = {}
    found = []
    for n, key in enumerate(keys):
        tail = written.get(key)
        if tail is None:
            counts = table[n].tolist()
            kinds = {EVENT_KINDS[k]: count for k, count in enumerate(counts) if count}
            tail = written[key] = b"," + orjson.dumps({"n": sum(counts), "kinds": kinds})[1:]
        found.append(tail)
    return found


def _cell_of_site(index: Index, level: int) -> Ints:
    """Number the cells of the map's grid at a whole zoom, and say in which each place lies."""
    lat = np.clip(index.site_lat, -_HALF_WORLD, _HALF_WORLD)
    x = (index.site_lon + 180) / 360
    y = 0.5 - np.log(np.tan(math.pi / 4 + np.radians(lat) / 2)) / (2 * math.pi)
    steps = 512 * 2.0**level / CELL_PX
    key = np.floor(x * steps).astype(np.int64) * (1 << 31) + np.floor(y * steps).astype(np.int64)
    cell: Ints = np.unique(key, return_inverse=True)[1].astype(np.int64)
    return cell


def _cells(index: Index, drawn: Ints, sites: Ints, zoom: float, once: Once) -> list[dict[str, Any]]:
    """Put places together on the grid of the map, coarser where there would still be too many cells."""
    level = round(zoom)
    while True:
        # below level 0 the grid only becomes coarser, until one cell holds the world
        grid: Ints = once(f"cells {level}", lambda level=level: _cell_of_site(index, level))  # type: ignore[misc]
        is_there = np.zeros(int(grid.max()) + 1, dtype=np.bool_)
        is_there[grid[sites]] = True
        if int(is_there.sum()) <= MOST_CELLS:
            break
        level -= 1
    number = _renumbered(is_there)
    cell, size = number[grid[index.site[drawn]]], int(is_there.sum())
    n = np.bincount(cell, minlength=size)
    lat, lon = (
        np.round(np.bincount(cell, weights=where[drawn], minlength=size) / n, 4).tolist()
        for where in (index.lat, index.lon)
    )
    places = np.bincount(number[grid[sites]], minlength=size).tolist()
    kinds = _by(cell * _WIDTH + index.kind_of[drawn], size, EVENT_KINDS)
    precisions = _by(
        cell * len(_PRECISIONS) + index.precision[drawn] - 1, size, [str(p) for p in _PRECISIONS]
    )
    # of all places of a cell, once for a copy of the record: cells do not overlap, so these hold no other cell's events
    whole = once(f"boxes {level}", lambda: _boxes(index.site_lon, index.site_lat, grid))
    boxes = [whole[n] for n in np.flatnonzero(is_there).tolist()]
    names = ("lat", "lon", "n", "sites", "kinds", "precisions", "bbox")
    return [
        dict(zip(names, row, strict=True))
        for row in zip(lat, lon, n.tolist(), places, kinds, precisions, boxes, strict=True)
    ]


def _by(code: Ints, size: int, words: Any) -> list[dict[str, int]]:
    """Count the events of each cell by a word; a word without events is left out."""
    width = len(words)
    table = np.bincount(code, minlength=size * width)
    found: list[dict[str, int]] = [{} for _ in range(size)]
    there = np.flatnonzero(table)
    for at, n in zip(there.tolist(), table[there].tolist(), strict=True):
        found[at // width][words[at % width]] = n
    return found


def _boxes(lon: Floats, lat: Floats, cell: Ints) -> list[list[float]]:
    """Give for each cell west, south, east, north of its places: what a visitor asks for to see just these."""
    order = np.argsort(cell, kind="stable")
    starts = np.flatnonzero(np.diff(cell[order], prepend=-1))
    sides = [
        f.reduceat(of[order], starts)
        for f, of in ((np.minimum, lon), (np.minimum, lat), (np.maximum, lon), (np.maximum, lat))
    ]
    return np.stack(sides, axis=1).tolist()  # type: ignore[no-any-return]


def bounds_of(index: Index, chosen: Ints) -> list[float] | None:
    """Give west, south, east, north of what is drawn of the chosen events; None where nothing is."""
    drawn = chosen[index.is_drawn[chosen]]
    if not len(drawn):
        return None
    lon, lat = index.lon[drawn], index.lat[drawn]
    return [float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())]


def _left_out(index: Index, chosen: Ints) -> dict[str, Any]:
    """Count what the map does not draw: no coordinate, or one that stands for a country or is of unknown precision."""
    placed = index.has_place[chosen]
    nowhere = chosen[~placed]
    coarse = chosen[placed & ~index.is_drawn[chosen]]
    return {
        "no_place": len(nowhere),
        "no_place_by_adm0": _by_country(index, nowhere),
        "country_only": _by_country(index, coarse),
    }


def _by_country(index: Index, numbers: Ints) -> dict[str, int]:
    coded = index.coded["adm0"]
    found = np.bincount(coded.codes[numbers], minlength=len(coded.values))
    return {coded.values[n] or "not stated": int(found[n]) for n in np.flatnonzero(found).tolist()}
