"""What the map draws of a selection: places with their counts, or cells where there are too many places."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import orjson

from ..charts._map import RADIUS_KM
from ..record._schema import EVENT_KINDS
from ._index import Floats, Index, Ints

__all__ = ["MOST_SITES", "map_json"]

MOST_SITES = 4000
CELL_PX = 24  # width of a cell on a map whose world is 512 pixels wide at zoom 0
_WIDTH = len(EVENT_KINDS)
_HALF_WORLD = 85.051129  # degrees north where a Mercator map ends


def map_json(index: Index, chosen: Ints, zoom: float, heads: list[bytes]) -> dict[str, Any]:
    """Give places, or cells, of the chosen events, and how many are not drawn and why.

    Parameters
    ----------
    index, chosen
        The events and which of them.
    zoom : float
        Zoom of the map, 0 to 22; it sets the size of the cells.
    heads : list of bytes
        What `site_heads` gave for the index.

    Returns
    -------
    dict
        `points` or `cells`, each ready to be written as JSON; their `n` and `left_out` sum to the chosen events.
    """
    drawn = chosen[index.is_drawn[chosen]]
    table = np.bincount(index.site[drawn] * _WIDTH + index.kind_of[drawn], minlength=len(heads) * _WIDTH)
    table = table.reshape(-1, _WIDTH)
    sites = np.flatnonzero(table.any(axis=1))
    found: dict[str, Any] = {
        "is_cells": len(sites) > MOST_SITES,
        "sites": len(sites),
        "points": [],
        "cells": [],
    }
    if found["is_cells"]:
        found["cells"] = _cells(index, table, sites, zoom)
    else:
        # a place is written once for a copy of the record; here only its counts are put behind it
        tails = _tails(table[sites])
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


def _tails(table: Ints) -> list[bytes]:
    """Write the counts of each place; few different ones occur."""
    written: dict[tuple[int, ...], bytes] = {}
    found = []
    for counts in map(tuple, table.tolist()):
        tail = written.get(counts)
        if tail is None:
            kinds = {EVENT_KINDS[k]: n for k, n in enumerate(counts) if n}
            tail = written[counts] = b"," + orjson.dumps({"n": sum(counts), "kinds": kinds})[1:]
        found.append(tail)
    return found


def _cells(index: Index, table: Ints, sites: Ints, zoom: float) -> list[dict[str, Any]]:
    """Put places together on the grid of the map, coarser where there would still be too many."""
    lat = np.clip(index.site_lat[sites], -_HALF_WORLD, _HALF_WORLD)
    x = (index.site_lon[sites] + 180) / 360
    y = 0.5 - np.log(np.tan(math.pi / 4 + np.radians(lat) / 2)) / (2 * math.pi)
    steps = max(1.0, 512 * 2**zoom / CELL_PX)
    while True:
        key = np.floor(x * steps).astype(np.int64) * (1 << 31) + np.floor(y * steps).astype(np.int64)
        cells, cell = np.unique(key, return_inverse=True)
        if len(cells) <= MOST_SITES:
            break
        steps /= 2
    counts = table[sites]
    n = counts.sum(axis=1)
    size = len(cells)
    total = np.bincount(cell, weights=n, minlength=size)
    middle = [
        np.round(np.bincount(cell, weights=n * where[sites], minlength=size) / total, 4).tolist()
        for where in (index.site_lat, index.site_lon)
    ]
    by_kind = np.stack(
        [np.bincount(cell, weights=counts[:, k], minlength=size) for k in range(_WIDTH)], axis=1
    )
    precision = index.site_precision[sites]
    by_precision = np.stack(
        [np.bincount(cell, weights=n * (precision == code), minlength=size) for code in RADIUS_KM], axis=1
    )
    places = np.bincount(cell, minlength=size)
    box = _boxes(index.site_lon[sites], index.site_lat[sites], cell)
    rows = zip(*middle, total.astype(np.int64).tolist(), places.tolist(), by_kind.astype(np.int64).tolist(),
               by_precision.astype(np.int64).tolist(), box, strict=True)  # fmt: skip
    return [
        {
            "lat": at_lat, "lon": at_lon, "n": events, "sites": count,
            "kinds": {EVENT_KINDS[k]: m for k, m in enumerate(kinds) if m},
            "precisions": {str(code): m for code, m in zip(RADIUS_KM, codes, strict=True) if m},
            "bbox": bbox,
        }
        for at_lat, at_lon, events, count, kinds, codes, bbox in rows
    ]  # fmt: skip


def _boxes(lon: Floats, lat: Floats, cell: Ints) -> list[list[float]]:
    """Give for each cell west, south, east, north of its places: what a visitor asks for to see just these."""
    order = np.argsort(cell, kind="stable")
    starts = np.flatnonzero(np.diff(cell[order], prepend=-1))
    sides = [
        f.reduceat(of[order], starts)
        for f, of in ((np.minimum, lon), (np.minimum, lat), (np.maximum, lon), (np.maximum, lat))
    ]
    return np.stack(sides, axis=1).tolist()  # type: ignore[no-any-return]


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
