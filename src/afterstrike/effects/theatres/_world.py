"""The still part of a theatre: places in a region, their distances, districts and long-run rates."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from afterstrike.errors import UsageError

from ._theatre import Theatre

__all__ = ["World", "build_world", "distances_km"]

EARTH_KM = 6371.0088
SQUARE_CENTRE = (20.0, -40.0)  # open ocean: nobody can take a simulated square for a country
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class World:
    """Places and what does not change in time. Arrays are per place unless said otherwise."""

    lat: Floats
    lon: Floats
    apart_km: Floats  # distance between places: shape (places, places)
    share: Floats  # of the region's attacks, sums to 1
    district: Ints
    province: Ints  # per district
    district_at: Floats  # shape (districts, 2): lat, lon of the centroid
    province_at: Floats
    towns: Ints  # places nearest to the town centres


def distances_km(lat: Floats, lon: Floats, lat_to: Floats, lon_to: Floats) -> Floats:
    """Give great-circle distances, shape (len(lat), len(lat_to))."""
    a, b = np.radians(lat)[:, None], np.radians(lat_to)[None, :]
    turn = np.radians(lon)[:, None] - np.radians(lon_to)[None, :]
    half = np.sin((a - b) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(turn / 2) ** 2
    return np.asarray(2 * EARTH_KM * np.arcsin(np.sqrt(np.clip(half, 0, 1))))


def _rings(region: str) -> list[list[Floats]]:
    """Give the polygons of a country as lists of rings (lon, lat), the outer ring of each first."""
    from afterstrike.record.shipped import outline

    found: dict[str, Any] = {str(f["properties"]["iso3"]): f for f in outline()["features"]}
    if region not in found:
        raise UsageError(
            f"Theatre(region={region!r}): allowed is 'square' or one of the {len(found)} ISO 3166 alpha-3 "
            "codes of "
            "the shipped outline, such as 'IRQ' or 'SYR'; change region"
        )
    shape = found[region]["geometry"]
    polygons = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
    return [[np.asarray(ring, dtype=np.float64)[:, :2] for ring in polygon] for polygon in polygons]


def _inside(lon: Floats, lat: Floats, polygons: list[list[Floats]]) -> NDArray[np.bool_]:
    """Say which points lie inside: odd number of crossings over all rings, so that holes are outside."""
    odd = np.zeros(lon.shape, dtype=bool)
    for ring in (r for polygon in polygons for r in polygon):
        for (x1, y1), (x2, y2) in pairwise(ring):
            if y1 != y2:
                between = (y1 > lat) != (y2 > lat)
                odd ^= between & (lon < (x2 - x1) * (lat - y1) / (y2 - y1) + x1)
    return odd


def _frame(spec: Theatre) -> tuple[list[list[Floats]], tuple[float, float, float, float]]:
    """Give the region's polygons and its bounding box (w, s, e, n)."""
    if spec.region == "square":
        lat0, lon0 = SQUARE_CENTRE
        dlat = np.degrees(spec.side_km / 2 / EARTH_KM)
        dlon = dlat / np.cos(np.radians(lat0))
        w, s, e, n = lon0 - dlon, lat0 - dlat, lon0 + dlon, lat0 + dlat
        ring = np.array([[w, s], [e, s], [e, n], [w, n], [w, s]])
        return [[ring]], (w, s, e, n)
    polygons = _rings(spec.region)
    points = np.vstack([ring for polygon in polygons for ring in polygon])
    (w, s), (e, n) = points.min(axis=0), points.max(axis=0)
    return polygons, (w, s, e, n)


def _scatter(
    rng: np.random.Generator, count: int, polygons: list[list[Floats]], box: tuple[float, float, float, float]
) -> Floats:
    """Draw `count` points evenly over the region, shape (count, 2): lat, lon."""
    w, s, e, n = box
    kept: list[Floats] = [np.empty((0, 2))]
    while sum(map(len, kept)) < count:
        lon = rng.uniform(w, e, 4 * count + 64)
        lat = np.degrees(np.arcsin(rng.uniform(np.sin(np.radians(s)), np.sin(np.radians(n)), lon.size)))
        keep = _inside(lon, lat, polygons)
        kept.append(np.column_stack([lat[keep], lon[keep]]))
    return np.vstack(kept)[:count]


def _near_towns(
    rng: np.random.Generator, count: int, towns: Floats, heads: Floats, polygons: list[list[Floats]]
) -> Floats:
    """Draw points round the towns (normal, 25 km), busy towns more often, kept inside the region."""
    kept: list[Floats] = [np.empty((0, 2))]
    while sum(map(len, kept)) < count:
        pick = rng.choice(len(towns), size=2 * count + 64, p=heads)
        away = np.degrees(rng.normal(0, 25.0, (pick.size, 2)) / EARTH_KM)
        lat = towns[pick, 0] + away[:, 0]
        lon = towns[pick, 1] + away[:, 1] / np.cos(np.radians(towns[pick, 0]))
        keep = _inside(lon, lat, polygons)
        kept.append(np.column_stack([lat[keep], lon[keep]]))
    return np.vstack(kept)[:count]


def _divide(rng: np.random.Generator, at: Floats, parts: int) -> tuple[Ints, Floats]:
    """Divide points by nearness to `parts` seeds drawn far apart; give each one's part and the centroids."""
    seeds = [int(rng.integers(len(at)))]
    gap = distances_km(at[:, 0], at[:, 1], at[seeds, 0], at[seeds, 1])[:, 0]
    while len(seeds) < min(parts, len(at)):
        seeds.append(int(gap.argmax()))
        gap = np.minimum(gap, distances_km(at[:, 0], at[:, 1], at[seeds[-1:], 0], at[seeds[-1:], 1])[:, 0])
    part = distances_km(at[:, 0], at[:, 1], at[seeds, 0], at[seeds, 1]).argmin(axis=1)
    _, part = np.unique(part, return_inverse=True)
    centroids = np.array([at[part == k].mean(axis=0) for k in range(int(part.max()) + 1)])
    return part.astype(np.int64), centroids


def build_world(spec: Theatre) -> World:
    """Build the places of a theatre from its `world_seed`."""
    return _build(spec.region, spec.side_km, spec.places, spec.towns, spec.world_seed)


@lru_cache(maxsize=8)
def _build(region: str, side_km: float, places: int, towns: int, world_seed: int) -> World:
    spec = Theatre(region=region, side_km=side_km, places=places, towns=towns, world_seed=world_seed, days=30)
    polygons, box = _frame(spec)
    rng = np.random.default_rng([world_seed, 1])
    centres = _scatter(rng, towns, polygons, box)
    heads = rng.lognormal(0, 0.7, towns)
    around = _near_towns(rng, round(0.75 * places), centres, heads / heads.sum(), polygons)
    at = np.vstack([around, _scatter(rng, places - len(around), polygons, box)])
    at = np.round(at, 4)  # as gazetteers give them
    share = rng.lognormal(0, 0.6, places)
    district, district_at = _divide(rng, at, max(1, places // 10))
    province, province_at = _divide(rng, district_at, max(1, places // 60))
    table = distances_km(at[:, 0], at[:, 1], at[:, 0], at[:, 1])
    np.fill_diagonal(table, 0.0)
    return World(
        lat=at[:, 0],
        lon=at[:, 1],
        apart_km=table,
        share=share / share.sum(),
        district=district,
        province=province,
        district_at=np.round(district_at, 4),
        province_at=np.round(province_at, 4),
        towns=distances_km(centres[:, 0], centres[:, 1], at[:, 0], at[:, 1]).argmin(axis=1).astype(np.int64),
    )
