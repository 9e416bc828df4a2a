"""A map of events that draws what is known of each place and no more."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ..errors import UsageError
from ._chart import Chart, base_spec
from ._palette import LIGHT

__all__ = ["MAP_KEY", "MapPoint", "RADIUS_KM", "event_map"]

# How far from its coordinate an event may lie, as drawn. 2 is UCDP's own "within about 25 km"; 3 and 4 stand
# for a typical district and governorate of Syria and Iraq. 5 to 7 have no place that could be drawn.
RADIUS_KM: dict[int, float] = {1: 5.0, 2: 25.0, 3: 35.0, 4: 80.0}
MAP_KEY = (
    "A disc is as large as the doubt about the place (5 km or 25 km). A faint dashed area is a district "
    "(35 km) or governorate (80 km) around its reference point. Darker means more events."
)
_EARTH_KM = 6371.0088
_MERCATOR_LIMIT = 85.0
_MAX_MARKS = 500
_KM_A_DEGREE = 111.2
_KINDS = {"strike": "strike", "attack": "attack"}


@dataclass(frozen=True)
class MapPoint:
    """Events at one place. Without a coordinate it is counted and not drawn."""

    lat: float | None
    lon: float | None
    geo_precision: int | None
    kind: str
    events: int = 1
    place: str | None = None

    def drawable(self) -> bool:
        """Say whether the place is known to a governorate or better."""
        return (
            self.lat is not None
            and self.lon is not None
            and abs(self.lat) <= _MERCATOR_LIMIT
            and abs(self.lon) <= 180
            and (self.geo_precision or 7) in RADIUS_KM
        )


def _merged(points: Sequence[MapPoint]) -> list[MapPoint]:
    """Put neighbours together where there are too many to draw, never further than the place is in doubt."""
    for share in (0.0, 0.5, 1.0):
        groups: dict[tuple[float, float, int, str], list[MapPoint]] = {}
        for p in points:
            assert p.lat is not None and p.lon is not None and p.geo_precision is not None
            kind = p.kind if p.kind in _KINDS else "other"
            step = max(1e-4, share * RADIUS_KM[p.geo_precision] / _KM_A_DEGREE)
            key = (round(p.lat / step), round(p.lon / step), p.geo_precision, kind)
            groups.setdefault(key, []).append(p)
        if len(groups) <= _MAX_MARKS:
            break
    # Large and vague first, so that exact places lie on top; strikes and attacks above the rest.
    order = sorted(groups, key=lambda key: (-key[2], key[3] in _KINDS, key))
    return [_middle(groups[key], key[2], key[3]) for key in order]


def _middle(group: Sequence[MapPoint], precision: int, kind: str) -> MapPoint:
    """Give the mean place of a group, weighted by events."""
    events = sum(p.events for p in group)
    lat = sum((p.lat or 0.0) * p.events for p in group) / events
    lon = sum((p.lon or 0.0) * p.events for p in group) / events
    return MapPoint(round(lat, 4), round(lon, 4), precision, kind, events)


def _mercator_y(lat: float) -> float:
    return math.log(math.tan(math.pi / 4 + math.radians(lat) / 2))


def _widened(low: float, high: float) -> tuple[float, float]:
    """Show at least five degrees: a single place means little without its surroundings."""
    short = max(0.0, 5.0 - (high - low)) / 2
    return low - short, high + short


def _view(points: Sequence[MapPoint], width: int) -> tuple[dict[str, Any], int]:
    """Give the projection that holds all points with a margin, and the height it needs."""
    lats = [p.lat for p in points if p.lat is not None]
    lons = [p.lon for p in points if p.lon is not None]
    west, east = _widened(min(lons) - 1.0, max(lons) + 1.0)
    south, north = _widened(min(lats) - 0.8, max(lats) + 0.8)
    scale = width / math.radians(east - west)
    top = _mercator_y(min(north, _MERCATOR_LIMIT))
    low = _mercator_y(max(south, -_MERCATOR_LIMIT))
    height = scale * (top - low)
    limit, floor = width * (0.62 if width > 500 else 0.95), width * 0.4
    if height > limit:
        scale *= limit / height
    height = max(min(height, limit), floor)
    centre_y = (top + low) / 2
    centre_lat = math.degrees(2 * math.atan(math.exp(centre_y)) - math.pi / 2)
    projection = {
        "type": "mercator",
        "scale": round(scale, 3),
        "center": [round((west + east) / 2, 4), round(centre_lat, 4)],
        "translate": [width / 2, round(height / 2)],
    }
    return projection, round(height)


def _radius_px(lat: float, precision: int, scale: float) -> float:
    """Give the disc's radius on the map: Mercator stretches by 1 / cos(latitude)."""
    pixels = RADIUS_KM[precision] / _EARTH_KM * scale / math.cos(math.radians(lat))
    return max(pixels, 2.5)


def _counts(points: Sequence[MapPoint]) -> tuple[int, int, int, int]:
    """Give events drawn, all events, those without a place, those known to a district or wider."""
    total = sum(p.events for p in points)
    drawn = sum(p.events for p in points if p.drawable())
    imprecise = sum(p.events for p in points if p.drawable() and (p.geo_precision or 0) >= 3)
    return drawn, total, total - drawn, imprecise


def event_map(
    points: Sequence[MapPoint],
    *,
    outline: dict[str, Any] | None = None,
    frame: Sequence[MapPoint] = (),
    width_px: int = 860,
) -> Chart:
    """Draw events as discs as large as the doubt about their place.

    Parameters
    ----------
    points
        Events by place. Precision 1 and 2 are filled discs of 5 and 25 km; 3 and 4 (district, governorate)
        are faint areas of 35 and 80 km around the publisher's reference point. 5 to 7 and rows without a
        coordinate are counted in the caption and not drawn.
    outline
        Country outlines as a GeoJSON FeatureCollection, for orientation.
    frame
        Points that set the area shown where the map is one of several; by default those drawn.
    width_px
        Width of the drawing; the height follows from the area.

    Returns
    -------
    Chart
        The caption says how many events are drawn, how many have no place and how many are imprecise.

    Raises
    ------
    UsageError
        No event has a place that can be drawn.

    Examples
    --------
    >>> chart = event_map([MapPoint(34.7, 38.3, 2, "strike", 3), MapPoint(None, None, 6, "attack", 2)])
    >>> chart.caption.split(".")[0]
    '3 drawn of 5 events; 2 without a place that can be drawn; 0 imprecise (district or governorate only)'
    """
    drawn, total, without, imprecise = _counts(points)
    if not drawn:
        raise UsageError(
            f"0 of {total} events can be drawn; a map needs a coordinate and geo_precision 1 to 4"
        )
    marks = _merged([p for p in points if p.drawable()])
    projection, height = _view([p for p in frame if p.drawable()] or marks, width_px)
    # Many discs that overlap would run into one blot.
    fade = min(1.0, math.sqrt(120 / len(marks)))
    values = []
    for p in marks:
        assert p.lat is not None and p.lon is not None and p.geo_precision is not None
        radius = _radius_px(p.lat, p.geo_precision, projection["scale"])
        values.append(
            {
                "lat": p.lat,
                "lon": p.lon,
                "kind": p.kind,
                "vague": p.geo_precision >= 3,
                "size": round(math.pi * radius * radius, 1),
                # More events make a disc darker, never larger: its size already says how sure the place is.
                "ink": round(fade * min(0.7, 0.15 + 0.2 * math.log10(1 + p.events)), 3),
            }
        )
    caption = (
        f"{drawn:,} drawn of {total:,} events; {without:,} without a place that can be drawn; "
        f"{imprecise:,} imprecise (district or governorate only). {MAP_KEY}"
    )
    alt = f"Map of {drawn:,} events" + ("" if drawn == total else f" of {total:,}") + "."
    spec = base_spec(description=alt)
    spec |= {
        "width": width_px,
        "height": height,
        "projection": projection,
        "layer": [*_ground(outline, projection, width_px, height), *_discs(values)],
    }
    return Chart(spec, alt=alt, caption=caption)


def _ground(
    outline: dict[str, Any] | None, projection: dict[str, Any], width: int, height: int
) -> list[dict[str, Any]]:
    if not outline:
        return []
    shape = {"type": "geoshape", "fill": LIGHT["land"], "stroke": LIGHT["border"], "strokeWidth": 0.8}
    features = outline.get("features", [])
    grid = _grid(projection, width, height)
    labels = [
        {"name": name, "lon": at[0], "lat": at[1]}
        for name, at in ((_name(f), _label_at(f, grid)) for f in features)
        if name and at
    ]
    text = {"type": "text", "color": LIGHT["muted"], "fontSize": 11, "clip": True}
    return [
        {"data": {"values": features}, "mark": {**shape, "clip": True}},
        {
            "data": {"values": labels},
            "mark": text,
            "encoding": {
                "longitude": {"field": "lon", "type": "quantitative"},
                "latitude": {"field": "lat", "type": "quantitative"},
                "text": {"field": "name", "type": "nominal"},
            },
        },
    ]


def _name(feature: dict[str, Any]) -> str | None:
    properties = feature.get("properties") or {}
    name = properties.get("name") or properties.get("NAME") or properties.get("ADMIN")
    return str(name) if name else None


def _grid(projection: dict[str, Any], width: int, height: int) -> list[tuple[float, float]]:
    """Give points spread over the drawing, far enough from its edge for a name to fit."""
    (lon, lat), scale = projection["center"], projection["scale"]
    middle = _mercator_y(lat)
    points = []
    for row in range(14):
        y = height * (0.06 + 0.88 * row / 13) - height / 2
        at_lat = math.degrees(2 * math.atan(math.exp(middle - y / scale)) - math.pi / 2)
        for column in range(20):
            x = 45 + (width - 90) * column / 19 - width / 2
            points.append((lon + math.degrees(x / scale), at_lat))
    return points


def _label_at(feature: dict[str, Any], grid: Sequence[tuple[float, float]]) -> tuple[float, float] | None:
    """Give a point for a country's name in the middle of the part of it that is drawn."""
    geometry = feature.get("geometry") or {}
    rings = geometry.get("coordinates") or []
    outer = [p[0] for p in rings if p] if geometry.get("type") == "MultiPolygon" else rings[:1]
    inside = [point for point in grid if any(_within(point, ring) for ring in outer)]
    if len(inside) < 4:
        return None
    lon, lat = sum(p[0] for p in inside) / len(inside), sum(p[1] for p in inside) / len(inside)
    return min(inside, key=lambda p: (p[0] - lon) ** 2 + (p[1] - lat) ** 2)


def _within(point: tuple[float, float], ring: Sequence[Sequence[float]]) -> bool:
    """Say whether a point lies in a ring, by counting the edges a ray from it crosses."""
    x, y = point
    crossed = False
    for a, b in pairwise(ring):
        if (a[1] > y) != (b[1] > y) and x < (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0]:
            crossed = not crossed
    return crossed


def _discs(values: list[dict[str, Any]]) -> list[dict[str, Any]]:
    present = [kind for kind in ("strike", "attack", "other") if any(v["kind"] == kind for v in values)]
    colour = {
        "field": "kind",
        "type": "nominal",
        "title": None,
        "scale": {"domain": present, "range": [LIGHT[kind] for kind in present]},
        "legend": {"orient": "top", "symbolOpacity": 0.8} if len(present) > 1 else None,
    }
    encoding = {
        "longitude": {"field": "lon", "type": "quantitative"},
        "latitude": {"field": "lat", "type": "quantitative"},
        "size": {"field": "size", "type": "quantitative", "scale": None, "legend": None},
        "color": colour,
    }
    ink = {"field": "ink", "type": "quantitative", "scale": None, "legend": None}
    return [
        {
            "data": {"values": [v for v in values if v["vague"]]},
            "mark": {"type": "circle", "opacity": 0.04, "clip": True},
            "encoding": encoding,
        },
        {
            "data": {"values": [v for v in values if v["vague"]]},
            "mark": {
                "type": "point",
                "filled": False,
                "clip": True,
                "strokeDash": [3, 3],
                "strokeWidth": 0.8,
            },
            "encoding": {**encoding, "opacity": {"value": 0.45}},
        },
        {
            "data": {"values": [v for v in values if not v["vague"]]},
            "mark": {"type": "circle", "clip": True},
            "encoding": {**encoding, "opacity": ink},
        },
    ]
