"""Polygons with names and days, read from GeoJSON or a table of geometries, on a plane in km."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ...errors import EstimateRefused, SourceError, UsageError
from .._intervention._window import Projection, check_degrees, projected
from ._days import OPEN_END, is_missing, read_days, text_of

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

__all__ = [
    "GRID_KM",
    "ControlAreas",
    "ZoneAreas",
    "control_days",
    "read_control",
    "read_zones",
]

Ints = npt.NDArray[np.int64]
Features = list[tuple[Mapping[str, Any], Any]]
# Coordinates are kept to the metre: no map of control is drawn finer, and overlays of lines stay exact.
GRID_KM = 1e-3
# Zones may overlap by this share of their area, as outlines that were simplified one by one do.
_OVERLAP = 0.01
_KNOWN = {
    "party": ("party", "control", "controller", "holder", "actor"),
    "date": ("date",),
    "valid_from": ("valid_from",),
    "valid_to": ("valid_to",),
    "zone": ("zone", "shapeName", "name", "adm1"),
}
_ALLOWED = "a GeoJSON file or mapping with features, or a table with a column of geometries (WGS84 degrees)"


@dataclass(frozen=True, eq=False)
class ControlAreas:
    """Areas held by a party from a first to a last day.

    Parameters
    ----------
    party, geometry
        Who holds it, and the area on the plane, km.
    first, last
        Days since 1970, both inclusive; `OPEN_END` where no end is stated.
    counts
        Features left out or repaired, by reason.
    """

    party: list[str]
    geometry: list[BaseGeometry]
    first: Ints
    last: Ints
    counts: Mapping[str, int]


@dataclass(frozen=True, eq=False)
class ZoneAreas:
    """Zones on the plane, in order of name.

    Parameters
    ----------
    names, geometry
        Name and area, km.
    projection
        From degrees to the plane.
    counts
        Features left out or repaired, by reason.
    """

    names: tuple[str, ...]
    geometry: list[BaseGeometry]
    projection: Projection
    counts: Mapping[str, int]

    def zone_of(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> Ints:
        """Give the position of the zone that holds each point, -1 where none does; on a border the first by
        name.
        """
        import shapely

        x, y = self.projection.to_km(lon, lat)
        found = np.full(len(x), -1, np.int64)
        for number, area in enumerate(self.geometry):
            open_ = np.flatnonzero(found < 0)
            shapely.prepare(area)
            found[open_[shapely.intersects_xy(area, x[open_], y[open_])]] = number
        return found


def read_zones(zones: Any, columns: Mapping[str, str] | None) -> ZoneAreas:
    """Read zones. Several features of one name are one zone.

    Raises
    ------
    SourceError, UsageError
        No such file, no GeoJSON, no column of names, zones that overlap.
    EstimateRefused
        No feature has a name and an area.
    """
    import shapely

    features = _features(zones, "zones")
    column = _column(features, "zone", columns)
    if column is None:
        raise _no_column(features, "zones", "zone")
    counts: dict[str, int] = {}
    named: dict[str, list[BaseGeometry]] = {}
    for properties, node in features:
        area = _area(node, "zones", counts)
        name = text_of(properties.get(column))
        if area is None or not name:
            _count(counts, "zones: no name" if area is not None else "", 1)
            continue
        named.setdefault(name, []).append(area)
    if not named:
        raise EstimateRefused(
            f"zones: none of {len(features)} features has a name and an area{_told(counts)}"
        )
    degrees = {name: shapely.union_all(parts) for name, parts in sorted(named.items())}
    west, south, east, north = shapely.union_all(list(degrees.values())).bounds
    check_degrees(shapely.box(west, south, east, north))
    projection = Projection(Projection.centred((west + east) / 2, (south + north) / 2))
    flat = [on_grid(projected(area, projection)) for area in degrees.values()]
    total, together = sum(area.area for area in flat), shapely.union_all(flat).area
    if total - together > _OVERLAP * together:
        raise UsageError(
            f"zones overlap by {total - together:,.0f} of {together:,.0f} km2; events and borders there would "
            "count twice: use zones that do not overlap, of one level and one date"
        )
    return ZoneAreas(tuple(degrees), flat, projection, counts)


def read_control(
    control: Any, columns: Mapping[str, str] | None, parties: Mapping[str, str] | None, projection: Projection
) -> ControlAreas:
    """Read areas of control with their parties and days.

    Raises
    ------
    SourceError, UsageError
        No such file, no GeoJSON, no column of parties or days, a party that `parties` does not name.
    EstimateRefused
        No feature has a party, an area and a day.
    """
    features = _features(control, "control")
    column = _column(features, "party", columns)
    if column is None:
        raise _no_column(features, "control", "party")
    counts: dict[str, int] = {}
    first, last = _days(features, columns)
    party: list[str] = []
    geometry: list[BaseGeometry] = []
    kept: list[int] = []
    starts: list[int] = []
    for number, (properties, node) in enumerate(features):
        area = _area(node, "control", counts)
        name = text_of(properties.get(column))
        if area is None:
            continue
        start = first[number]
        if not name or start is None or last[number] < start:
            why = "no party" if not name else "no day" if start is None else "its end before its start"
            _count(counts, f"control: {why}", 1)
            continue
        party.append(name)
        geometry.append(area)
        kept.append(number)
        starts.append(start)
    if not kept:
        raise EstimateRefused(
            f"control: none of {len(features)} features has a party, an area and a day{_told(counts)}; a year "
            "or month alone is no day"
        )
    flat = [on_grid(projected(area, projection)) for area in geometry]
    return ControlAreas(
        [_renamed(name, parties, party) for name in party],
        flat,
        np.array(starts, np.int64),
        np.array([last[k] for k in kept], np.int64),
        counts,
    )


def on_grid(area: BaseGeometry) -> BaseGeometry:
    """Round coordinates to the metre; the area stays valid."""
    import shapely

    return shapely.set_precision(area, GRID_KM)


def _features(source: Any, what: str) -> Features:
    """Give properties and geometry of each feature; geometry as GeoJSON or shapely has it."""
    if isinstance(source, str | Path):
        source = _read(Path(source), what)
    if isinstance(source, Mapping):
        crs = str(((source.get("crs") or {}).get("properties") or {}).get("name", "CRS84"))
        if not crs.upper().endswith(("CRS84", "4326")):
            raise UsageError(f"{what}: coordinates in {crs}; allowed {_ALLOWED}")
        found = source.get("features") if source.get("type") == "FeatureCollection" else None
        if not isinstance(found, Sequence) or not all(isinstance(one, Mapping) for one in found):
            raise SourceError(f"{what} is no FeatureCollection of GeoJSON; allowed {_ALLOWED}")
        features = [(one.get("properties") or {}, one.get("geometry")) for one in found]
    elif hasattr(source, "columns") and "geometry" in source.columns:
        rows = [dict(zip(source.columns, row, strict=True)) for row in source.itertuples(index=False)]
        features = [({str(k): v for k, v in row.items()}, row["geometry"]) for row in rows]
    else:
        raise UsageError(f"{what} of type {type(source).__name__}; allowed {_ALLOWED}")
    if not features:
        raise SourceError(f"{what} holds no feature; allowed {_ALLOWED}")
    return features


def _read(path: Path, what: str) -> Any:
    if not path.is_file():
        raise UsageError(f"{what}={str(path)!r} is no file; allowed {_ALLOWED}")
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or problem
        raise SourceError(f"{path.name} is no GeoJSON ({reason}); allowed {_ALLOWED}") from None
    if not isinstance(found, Mapping):
        raise SourceError(
            f"{path.name} is no GeoJSON (it holds a {type(found).__name__}); allowed {_ALLOWED}"
        )
    return found


def _area(node: Any, what: str, counts: dict[str, int]) -> BaseGeometry | None:
    """Give the polygons of a geometry, repaired where they are not valid; None where there is no area."""
    import shapely
    from shapely.geometry import shape
    from shapely.geometry.base import BaseGeometry

    if is_missing(node):
        _count(counts, f"{what}: no geometry", 1)
        return None
    try:
        found = node if isinstance(node, BaseGeometry) else shape(node)
    except (TypeError, ValueError, KeyError, IndexError, AttributeError, shapely.errors.ShapelyError):
        _count(counts, f"{what}: a geometry that cannot be read", 1)
        return None
    if found.is_empty or found.geom_type not in ("Polygon", "MultiPolygon"):
        _count(counts, f"{what}: not a polygon", 1)
        return None
    if not np.isfinite(found.bounds).all():
        _count(counts, f"{what}: a geometry that cannot be read", 1)
        return None
    check_degrees(found)
    repaired = not found.is_valid
    found = shapely.force_2d(shapely.make_valid(found) if repaired else found)
    parts = [part for part in shapely.get_parts(shapely.get_parts(found)) if part.area > 0]
    if not parts:
        _count(counts, f"{what}: no area", 1)
        return None
    if repaired:
        _count(counts, f"{what}: invalid outline repaired (kept)", 1)
    return shapely.union_all(parts)


def _days(features: Features, columns: Mapping[str, str] | None) -> tuple[list[int | None], list[int]]:
    """Give first and last day of each feature; None where no day is stated."""
    start = _column(features, "valid_from", columns)
    begin = start or _column(features, "date", columns)
    if begin is None:
        raise _no_column(features, "control", "date", "valid_from")
    first = read_days([properties.get(begin) for properties, _ in features])
    if start is None:
        return first, [OPEN_END if day is None else day for day in first]
    end = _column(features, "valid_to", columns)
    stated = [properties.get(end) if end else None for properties, _ in features]
    last = read_days(stated)
    known = [not is_missing(value) for value in stated]
    # An end that is stated and cannot be read leaves its area without days, not without end.
    unread = [k and day is None for k, day in zip(known, last, strict=True)]
    first = [None if bad else day for bad, day in zip(unread, first, strict=True)]
    return first, [OPEN_END if day is None else day for day in last]


def _column(features: Features, what: str, columns: Mapping[str, str] | None) -> str | None:
    unknown = set(columns or {}) - set(_KNOWN)
    if unknown:
        raise UsageError(f"columns has {', '.join(sorted(unknown))}; allowed {', '.join(_KNOWN)}")
    there = dict.fromkeys(name for properties, _ in features for name in properties)
    named = (columns or {}).get(what)
    if named is not None:
        if named not in there:
            raise UsageError(
                f"columns[{what!r}]: no {named!r}; the features have {', '.join(there) or 'none'}"
            )
        return named
    return next((name for name in _KNOWN[what] if name in there), None)


def _no_column(features: Features, source: str, *what: str) -> UsageError:
    there = ", ".join(dict.fromkeys(name for properties, _ in features for name in properties)) or "none"
    known = " or ".join(repr(name) for one in what for name in _KNOWN[one])
    return UsageError(f"{source}: no {known} among the properties ({there}); name it as in "
                      f"columns={{{what[0]!r}: 'its name'}}")  # fmt: skip


def _renamed(name: str, parties: Mapping[str, str] | None, all_: list[str]) -> str:
    if parties is None:
        return name
    if name not in parties:
        missing = sorted({one for one in all_ if one not in parties})
        raise UsageError(
            f"control: parties {', '.join(map(repr, missing))} are not in parties=; allowed a name for each of "
            f"{', '.join(sorted(set(all_)))}"
        )
    return parties[name]


def _count(counts: dict[str, int], why: str, n: int) -> None:
    if why:
        counts[why] = counts.get(why, 0) + n


def _told(counts: Mapping[str, int]) -> str:
    return " (" + "; ".join(f"{why}: {n}" for why, n in counts.items()) + ")" if counts else ""


def control_days(control: Any, columns: Mapping[str, str] | None, carry_forward_days: int) -> Ints:
    """Give the days on which some area of control holds, or is carried forward to; areas without an end end with
    the last day stated.

    Raises
    ------
    SourceError, UsageError, EstimateRefused
        As in `read_control`.
    """
    features = _features(control, "control")
    first, last = _days(features, columns)
    spans = {
        (start, end) for start, end in zip(first, last, strict=True) if start is not None and end >= start
    }
    if not spans:
        raise EstimateRefused(
            f"control: none of {len(features)} features has a day; a year or month alone is no day"
        )
    latest = max(max(start, end if end < OPEN_END else start) for start, end in spans)
    found = [np.arange(start, min(end, latest) + carry_forward_days + 1) for start, end in spans]
    return np.unique(np.concatenate(found)).astype(np.int64)
