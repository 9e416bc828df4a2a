"""The region of a study as a polygon in km: from GeoJSON, a box, a country, rings or a shapely geometry."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ...errors import SourceError, UsageError

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

__all__ = ["Projection", "check_degrees", "country", "geometry_of", "projected"]

Floats = npt.NDArray[np.float64]
_ALLOWED = (
    "a GeoJSON file or mapping with polygons, a box (west, south, east, north), a country code as 'IRQ', "
    "one ring as an array of shape (n, 2), or a shapely polygon"
)


class Projection:
    """Degrees to km on a plane.

    Parameters
    ----------
    crs
        A coordinate system as pyproj takes it (`EPSG:6646`, a PROJ text), in any unit of length.
    """

    def __init__(self, crs: str) -> None:
        from pyproj import CRS, Transformer
        from pyproj.exceptions import CRSError

        try:
            known = CRS.from_user_input(crs)
        except CRSError as problem:
            raise UsageError(
                f"crs={crs!r} is no coordinate system pyproj knows ({problem}); "
                "allowed a projected one such as 'EPSG:32638', or None for one centred on the region"
            ) from None
        if not known.is_projected:
            raise UsageError(f"crs={crs!r} is in degrees; allowed a projected one, in metres or km")
        self._km = float(known.axis_info[0].unit_conversion_factor) / 1000
        self._transformer = Transformer.from_crs("EPSG:4326", known, always_xy=True)

    @staticmethod
    def centred(lon: float, lat: float) -> str:
        """Give the equal-area system (Lambert azimuthal) with its centre at a point."""
        return f"+proj=laea +lat_0={lat:.6f} +lon_0={lon:.6f} +datum=WGS84 +units=m +type=crs"

    def to_km(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
        """Give x and y in km; what cannot be projected is infinite."""
        x, y = self._transformer.transform(np.asarray(lon, np.float64), np.asarray(lat, np.float64))
        return np.asarray(x, np.float64) * self._km, np.asarray(y, np.float64) * self._km

    def to_degrees(self, x_km: npt.ArrayLike, y_km: npt.ArrayLike) -> tuple[Floats, Floats]:
        """Give longitude and latitude of positions in km."""
        x, y = np.asarray(x_km, np.float64) / self._km, np.asarray(y_km, np.float64) / self._km
        lon, lat = self._transformer.transform(x, y, direction="INVERSE")
        return np.asarray(lon, np.float64), np.asarray(lat, np.float64)


def geometry_of(window: Any) -> BaseGeometry:
    """Read a region; coordinates stay as they are (degrees or km).

    Raises
    ------
    UsageError, SourceError
        It is none of the allowed forms, or holds no area.
    """
    import shapely
    from shapely.geometry.base import BaseGeometry

    if isinstance(window, BaseGeometry):
        found: BaseGeometry = window
    elif isinstance(window, str | Path):
        found = _of_text(str(window))
    elif isinstance(window, Mapping):
        found = _of_geojson(window, "the mapping")
    else:
        found = _of_numbers(window)
    if not found.is_valid:
        found = shapely.make_valid(found)
    parts = [part for part in shapely.get_parts(found) if part.area > 0]
    areas = [area for part in parts for area in shapely.get_parts(part) if area.geom_type == "Polygon"]
    if not areas:
        raise UsageError(f"the region holds no area; allowed {_ALLOWED}")
    return areas[0] if len(areas) == 1 else shapely.union_all(areas)


def _of_text(text: str) -> BaseGeometry:
    path = Path(text)
    if len(text) == 3 and text.isupper() and not path.exists():
        return country(text)
    if not path.exists():
        raise UsageError(f"region={text!r} is no file; allowed {_ALLOWED}")
    try:
        node = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise SourceError(f"{path.name} is no GeoJSON ({problem}); allowed {_ALLOWED}") from None
    return _of_geojson(node, path.name)


def country(iso3: str) -> BaseGeometry:
    """Give the outline of a country in degrees, from the outline that ships (110 m: coarse)."""
    from ...record.shipped import outline

    for feature in outline()["features"]:
        if feature["properties"]["iso3"] == iso3:
            return _of_geojson(feature, iso3)
    raise UsageError(f"region={iso3!r} is no country of the shipped outline; allowed {_ALLOWED}")


def _geometries(node: Any) -> Iterator[Any]:
    if not isinstance(node, Mapping):
        return
    for part in [*(node.get("features") or []), *(node.get("geometries") or []), node.get("geometry")]:
        yield from _geometries(part)
    if node.get("type") in ("Polygon", "MultiPolygon"):
        yield node


def _of_geojson(node: Any, name: str) -> BaseGeometry:
    import shapely
    from shapely.geometry import shape

    try:
        areas = [shape(part) for part in _geometries(node)]
        areas = [area if area.is_valid else shapely.make_valid(area) for area in areas]
    except (TypeError, ValueError, KeyError, IndexError, AttributeError) as problem:
        raise SourceError(f"{name}: a polygon is no list of coordinate pairs ({problem})") from None
    if not areas:
        raise SourceError(f"{name} holds no Polygon or MultiPolygon; a region is made of areas")
    return areas[0] if len(areas) == 1 else shapely.union_all(areas)


def _of_numbers(window: Any) -> BaseGeometry:
    import shapely

    try:
        numbers = np.asarray(window, np.float64)
    except (TypeError, ValueError):
        raise UsageError(f"region of type {type(window).__name__}; allowed {_ALLOWED}") from None
    if not np.isfinite(numbers).all():
        raise UsageError(f"the region holds numbers that are not finite; allowed {_ALLOWED}")
    if numbers.shape == (4,):
        west, south, east, north = numbers
        if not (west < east and south < north):
            raise UsageError(f"region={tuple(numbers)}; allowed west < east and south < north")
        return shapely.box(west, south, east, north)
    if numbers.ndim == 2 and numbers.shape[1] == 2 and len(numbers) >= 3:
        return shapely.Polygon(numbers)
    raise UsageError(f"region of shape {numbers.shape}; allowed {_ALLOWED}")


def check_degrees(geometry: BaseGeometry) -> None:
    """Refuse a region whose coordinates cannot be degrees."""
    west, south, east, north = geometry.bounds
    if west < -180 or east > 360 or south < -90 or north > 90:
        raise UsageError(
            f"the region spans {west:g} to {east:g} and {south:g} to {north:g}, which are no degrees; "
            "for a region in km use SpaceTime.from_km"
        )


def projected(geometry: BaseGeometry, projection: Projection, most_degrees: float = 0.1) -> BaseGeometry:
    """Project a region from degrees to km; long edges are divided first, so that they bend as they should."""
    import shapely

    check_degrees(geometry)
    divided = shapely.segmentize(geometry, most_degrees)
    moved = shapely.transform(divided, lambda xy: np.column_stack(projection.to_km(xy[:, 0], xy[:, 1])))
    if not math.isfinite(moved.area) or moved.area <= 0:
        raise UsageError("the region cannot be projected by this crs; use another, or None")
    return moved if moved.is_valid else shapely.make_valid(moved)
