"""Places of a panel: cells of nearly equal area in bands of latitude, or the nearest of given towns."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ...errors import UsageError
from .._pairs import EARTH_KM_PER_DEGREE

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["cell_frame", "cells_of", "towns_of"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_EARTH_KM = math.degrees(EARTH_KM_PER_DEGREE)
# Bands are counted from the south pole; a cell's number is band * _PER_BAND + position in the band.
_PER_BAND = 10_000_000


def _band_cells(band: Ints, cell_km: float) -> tuple[Floats, Floats, Ints]:
    """Give the south and north edge of each band in degrees, and into how many cells it is cut."""
    bands = max(1, round(180 * EARTH_KM_PER_DEGREE / cell_km))
    south, north = -90 + 180 * band / bands, -90 + 180 * (band + 1) / bands
    # The area of a band divided by the wanted area of a cell, so that areas differ by rounding alone.
    area = 2 * math.pi * _EARTH_KM**2 * (np.sin(np.radians(north)) - np.sin(np.radians(south)))
    return south, north, np.maximum(1, np.rint(area / cell_km**2)).astype(np.int64)


def cells_of(lat: Floats, lon: Floats, cell_km: float) -> Ints:
    """Give the number of the cell that holds each point; it depends on nothing but the point and cell_km."""
    bands = max(1, round(180 * EARTH_KM_PER_DEGREE / cell_km))
    band = np.clip(np.floor((lat + 90) / 180 * bands), 0, bands - 1).astype(np.int64)
    _, _, count = _band_cells(band, cell_km)
    turn = np.mod(lon + 180, 360) / 360
    return band * _PER_BAND + np.minimum((turn * count).astype(np.int64), count - 1)


def cell_frame(cells: Ints, cell_km: float) -> pd.DataFrame:
    """Give name, centre and area of each cell."""
    import pandas as pd

    band, position = cells // _PER_BAND, cells % _PER_BAND
    south, north, count = _band_cells(band, cell_km)
    height = np.sin(np.radians(north)) - np.sin(np.radians(south))
    return pd.DataFrame(
        {
            "place": [f"cell {b}-{p}" for b, p in zip(band, position, strict=True)],
            "lat": (south + north) / 2,
            "lon": np.round((position + 0.5) / count * 360 - 180, 9),
            "area_km2": 2 * math.pi * _EARTH_KM**2 * height / count,
        }
    )


def towns_of(lat: Floats, lon: Floats, towns: pd.DataFrame, within_km: float) -> Ints:
    """Give the position of the nearest town of each point, -1 where none lies within `within_km`."""
    from scipy.spatial import cKDTree

    missing = [name for name in ("lat", "lon") if name not in towns.columns]
    if missing or not len(towns):
        got = ", ".join(map(str, towns.columns)) or "no columns"
        raise UsageError(f"towns has {len(towns)} rows and {got}; allowed one or more rows with lat and lon")
    at = towns[["lat", "lon"]].to_numpy(np.float64)
    if not np.isfinite(at).all() or np.abs(at[:, 0]).max() > 90:
        raise UsageError("towns: lat and lon must be numbers in degrees in every row; leave out the others")
    reach = 2 * math.sin(min(within_km / _EARTH_KM, math.pi) / 2)
    apart, nearest = cKDTree(_xyz(at[:, 0], at[:, 1])).query(_xyz(lat, lon), distance_upper_bound=reach)
    return np.where(np.isfinite(apart), nearest, -1).astype(np.int64)


def _xyz(lat: Floats, lon: Floats) -> Floats:
    phi, lam = np.radians(lat), np.radians(lon)
    return np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])
