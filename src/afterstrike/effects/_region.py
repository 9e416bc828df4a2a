"""A region as the command line takes it: a box, a country by its code, or the areas of a GeoJSON file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..errors import EstimateRefused, SourceError, UsageError
from ._standard import find_column

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Box", "inside_areas", "read_box", "rows_of_region"]

Box = tuple[float, float, float, float]
Floats = npt.NDArray[np.float64]
_ALLOWED = (
    "a country code as IRQ, west,south,east,north in degrees as 38,29,49,38, or a GeoJSON file of areas"
)


def read_box(region: str) -> Box | None:
    """Read `west,south,east,north`; None where the text is no list of numbers."""
    try:
        numbers = tuple(float(part) for part in region.split(","))
    except ValueError:
        return None
    if len(numbers) != 4 or not all(np.isfinite(numbers)):
        raise UsageError(f"region={region!r}; allowed {_ALLOWED}")
    return numbers


def rows_of_region(
    frame: pd.DataFrame, region: str, columns: dict[str, str] | None
) -> tuple[pd.DataFrame, int]:
    """Keep the rows inside a country or inside areas, and count the others.

    Parameters
    ----------
    frame
        Events. A country needs the column `adm0`, areas need the coordinates.
    region
        Three capital letters, or the path of a GeoJSON file with polygons.
    columns
        As in `Study`.

    Returns
    -------
    tuple
        The rows inside; how many are outside. Rows without coordinates stay, for the study to count.

    Raises
    ------
    UsageError, SourceError
        The region is none of these, or the file holds no area.
    EstimateRefused
        No row is inside.
    """
    if re.fullmatch(r"[A-Z]{3}", region) and not Path(region).exists():
        if "adm0" not in frame.columns:
            raise UsageError(
                f"region={region!r} needs the column adm0 with country codes, which this table has not; "
                "give a box west,south,east,north or a GeoJSON file"
            )
        keep = (frame["adm0"].astype(object) == region).to_numpy(bool)
    else:
        keep = _inside(frame, Path(region), columns)
    if not keep.any():
        raise EstimateRefused(f"none of {len(frame)} rows is inside the region {region}; check the region")
    return frame[keep], int((~keep).sum())


def _inside(frame: pd.DataFrame, path: Path, columns: dict[str, str] | None) -> npt.NDArray[np.bool_]:
    import pandas as pd

    areas = list(_areas(_geojson(path)))
    if not areas:
        raise SourceError(f"{path} holds no Polygon or MultiPolygon; a region is made of areas")
    lat, lon = (find_column(frame, what, columns) for what in ("lat", "lon"))
    if lat is None or lon is None:
        raise UsageError(
            f"region {path.name} needs columns of lat and lon; name them as in columns={{'lat': ...}}"
        )
    x, y = (
        pd.to_numeric(frame[n], errors="coerce").to_numpy(np.float64, na_value=np.nan) for n in (lon, lat)
    )
    nowhere: npt.NDArray[np.bool_] = ~(np.isfinite(x) & np.isfinite(y))
    return inside_areas(x, y, areas) | nowhere


def _geojson(path: Path) -> Any:
    if not path.exists():
        raise UsageError(f"region={str(path)!r} is no file; allowed {_ALLOWED}")
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or problem
        raise SourceError(f"{path} is no GeoJSON ({reason}); allowed {_ALLOWED}") from None


def _areas(node: Any) -> Iterator[list[Floats]]:
    """Give every polygon below a GeoJSON object: its rings, the outer first."""
    if not isinstance(node, dict):
        return
    for part in [*(node.get("features") or []), *(node.get("geometries") or []), node.get("geometry")]:
        yield from _areas(part)
    kind, found = node.get("type"), node.get("coordinates") or []
    polygons = [found] if kind == "Polygon" else found if kind == "MultiPolygon" else []
    for polygon in filter(None, polygons):
        try:
            yield [np.asarray(ring, np.float64)[:, :2] for ring in polygon]
        except (TypeError, ValueError, IndexError):
            raise SourceError(
                "a polygon of the region is no list of [longitude, latitude] pairs; check the GeoJSON file"
            ) from None


def inside_areas(x: Floats, y: Floats, areas: Sequence[Sequence[Floats]]) -> npt.NDArray[np.bool_]:
    """Say which points lie in any of the areas; a point in a hole does not.

    Examples
    --------
    >>> square = np.array([[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]], float)
    >>> hole = square / 4 + 0.75
    >>> inside_areas(np.array([0.5, 1.0, 3.0]), np.array([0.5, 1.0, 1.0]), [[square, hole]]).tolist()
    [True, False, False]
    """
    found = np.zeros(len(x), bool)
    for rings in areas:
        low, high = rings[0].min(axis=0), rings[0].max(axis=0)
        near = np.flatnonzero((x >= low[0]) & (x <= high[0]) & (y >= low[1]) & (y <= high[1]) & ~found)
        odd = np.zeros(len(near), bool)
        for ring in rings:
            # A ray to the east crosses the border of an area an odd number of times from inside it.
            for (x1, y1), (x2, y2) in zip(ring, np.roll(ring, -1, axis=0), strict=True):
                if y1 != y2:
                    crosses = (y[near] < y1) != (y[near] < y2)
                    odd ^= crosses & (x[near] < x1 + (y[near] - y1) / (y2 - y1) * (x2 - x1))
        found[near] |= odd
    return found
